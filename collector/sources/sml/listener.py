"""Hears a meter that sends SML by itself, joined at any point (BSI TR-03109-1, appendix IV; EDL21)."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence

from collector.config.settings import MeterSettings
from collector.devices.map import Model
from collector.errors import BadAnswer
from collector.model.ports import Ticker
from collector.model.reading import Sample
from collector.sources.channel.channel import Channel
from collector.sources.freshness import LATE, Freshness
from collector.sources.iec62056.meaning import Meaning
from collector.sources.sml.decode import Piece, read
from collector.sources.sml.transport import Frame, FrameReader
from collector.sources.statistics import Statistics

#: s of silence that end a telegram, whole or not: what comes after a pause never completes what came before it.
PAUSE = 0.5


class SmlListener:
    """The one meter of a line (implements model.ports.Listener). Nothing is ever sent."""

    def __init__(self, meter: MeterSettings, model: Model, channel: Channel, ticker: Ticker) -> None:
        self._statistics = Statistics()
        self.errors: Counter[str] = Counter()
        self._meter = meter
        self._meaning = Meaning(model)
        self._channel = channel
        self._ticker = ticker
        self._freshness = Freshness(channel, ticker)
        self._start_again()

    @property
    def statistics(self) -> Mapping[str, Statistics]:
        """See Listener."""
        return {self._meter.name: self._statistics}

    def listen(self, seconds: float) -> Sequence[Sample]:
        """See Listener."""
        if self._freshness.restored():
            self._start_again()
            self._statistics.doubted(LATE)
        try:
            return self._listen(seconds)
        finally:
            self._freshness.listened()

    def _listen(self, seconds: float) -> Sequence[Sample]:
        if not self._channel.open:
            self._start_again()
            self._channel.connect()
        until = self._ticker.monotonic() + seconds
        while True:
            now = self._ticker.monotonic()
            pause = self._last + PAUSE if self._reader.waiting else until
            chunk = self._channel.receive(max(0.0, min(until, pause) - now))
            now = self._ticker.monotonic()
            samples = self._take(chunk, now)
            if samples or now >= until:
                return samples

    def close(self) -> None:
        """See Listener."""
        self._channel.close()
        self._start_again()

    def _start_again(self) -> None:
        self._reader = FrameReader()
        self._stamps: deque[tuple[int, int]] = deque()  #: where a chunk begins in the stream, boot ns of its arrival
        self._heard = 0
        self._last = 0.0
        self._joined = False  #: the telegram during which we came is over

    def _take(self, chunk: bytes, now: float) -> list[Sample]:
        samples: list[Sample] = []
        if self._reader.waiting and now >= self._last + PAUSE:
            samples += self._told(self._reader.finish())
            self._joined = True
        if chunk:
            self._last = now
            self._stamps.append((self._heard, self._ticker.boot_ns()))
            self._heard += len(chunk)
            samples += self._told(self._reader.feed(chunk))
        while len(self._stamps) > 1 and self._stamps[1][0] <= self._reader.begun:
            self._stamps.popleft()
        return samples

    def _told(self, frames: Iterable[Frame]) -> list[Sample]:
        return [sample for frame in frames for sample in self._judged(frame.start, read(frame))]

    def _judged(self, start: int, piece: Piece) -> list[Sample]:
        """The sample of a telegram; what is not believed is counted, but for half a telegram at the beginning."""
        joined, self._joined = self._joined, True
        if piece.fragment and not joined:
            return []
        self._statistics.requests += 1
        if piece.reason:
            self._statistics.doubted(f"{BadAnswer.kind}_{piece.reason}")
        return [self._sample(start, piece)] if piece.telegram.complete else []

    def _sample(self, start: int, piece: Piece) -> Sample:
        understood = self._meaning.of(piece.telegram.values)
        for doubt in understood.doubts:
            self._statistics.doubted(doubt)
        evidence = {"serial": piece.serial} if piece.serial else {}
        boot_ns = max((stamp for stamp in self._stamps if stamp[0] <= start), default=self._stamps[0])[1]
        return Sample(self._meter.name, boot_ns, understood.values, evidence=evidence)
