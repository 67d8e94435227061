"""Hears a meter that sends SML by itself, joined at any point (BSI TR-03109-1, appendix IV; EDL21)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from collector.errors import BadAnswer
from collector.model.reading import Sample
from collector.sources.sml.decode import Piece, read
from collector.sources.sml.transport import Frame, FrameReader
from collector.sources.telegram_listener import PAUSE, TelegramListener


class SmlListener(TelegramListener):
    """The one meter of a line (implements model.ports.Listener). Nothing is ever sent."""

    def _hear(self, until: float) -> Sequence[Sample]:
        while True:
            now = self._ticker.monotonic()
            pause = self._last + PAUSE if self._reader.waiting else until
            chunk = self._channel.receive(max(0.0, min(until, pause) - now))
            now = self._ticker.monotonic()
            samples = self._take(chunk, now)
            if samples or now >= until:
                return samples

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
        if not piece.telegram.complete:
            return []
        boot_ns = max((stamp for stamp in self._stamps if stamp[0] <= start), default=self._stamps[0])[1]
        return [self._sample(boot_ns, piece.telegram.values, piece.serial)]
