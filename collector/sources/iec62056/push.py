"""Hears a meter that sends its telegram by itself, joined at any point (IEC 62056-21, mode D: 6.4.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from collector.config.settings import MeterSettings
from collector.devices.map import Model
from collector.errors import BadAnswer
from collector.model.ports import Ticker
from collector.model.reading import Sample
from collector.sources.channel.channel import Channel
from collector.sources.iec62056.characters import seven_bits
from collector.sources.iec62056.decode import NO_CHECK, decode
from collector.sources.iec62056.identification import LINE
from collector.sources.iec62056.meaning import Meaning, serial_number
from collector.sources.statistics import Statistics
from collector.sources.telegram import Telegram

#: s of silence that end a telegram, whole or not: what comes after a pause never completes what came before it.
PAUSE = 0.5
#: Longer telegrams are noise.
MOST_BYTES = 65536
#: An identification line may hang over the end of what was searched already.
_OVERHANG = 100


class PushListener:
    """The one meter of a line (implements model.ports.Listener)."""

    def __init__(self, meter: MeterSettings, model: Model, channel: Channel, ticker: Ticker) -> None:
        self._statistics = Statistics()
        self.errors: Counter[str] = Counter()
        self._meter = meter
        self._meaning = Meaning(model)
        self._channel = channel
        self._ticker = ticker
        self._heard = bytearray()
        self._searched = 0
        self._began_ns = 0
        self._last = 0.0
        self._joined = False  #: the telegram during which we came was over
        self._checked = False  #: this meter sends a block check or CRC: one without is damaged

    @property
    def statistics(self) -> Mapping[str, Statistics]:
        """See Listener."""
        return {self._meter.name: self._statistics}

    def listen(self, seconds: float) -> Sequence[Sample]:
        """See Listener."""
        if not self._channel.open:
            self._start_again()
            self._channel.connect()
        until = self._ticker.monotonic() + seconds
        samples: list[Sample] = []
        while not samples:
            now = self._ticker.monotonic()
            pause = self._last + PAUSE - now if self._heard else PAUSE
            chunk = self._channel.receive(max(0.0, min(until - now, pause)))
            now = self._ticker.monotonic()
            if self._heard and now >= self._last + PAUSE and not chunk:
                samples += self._over()
            samples += self._take(chunk, now)
            if now >= until:
                break
        return samples

    def close(self) -> None:
        """See Listener."""
        self._channel.close()
        self._start_again()

    def _start_again(self) -> None:
        self._heard.clear()
        self._searched = 0
        self._joined = False

    def _take(self, chunk: bytes, now: float) -> list[Sample]:
        """A new identification ends the telegram before it, too: some meters never pause."""
        if not chunk:
            return []
        samples: list[Sample] = []
        if self._heard and now >= self._last + PAUSE:
            samples += self._over()
        if not self._heard:
            self._began_ns = self._ticker.boot_ns()
        self._last = now
        self._heard += chunk
        start = max(0, self._searched - _OVERHANG)
        found = LINE.search(seven_bits(bytes(self._heard[start:])), 1 if start == 0 else 0)
        self._searched = len(self._heard)
        if found or len(self._heard) > MOST_BYTES:
            cut = start + found.start() if found else len(self._heard)
            rest = bytes(self._heard[cut:])
            del self._heard[cut:]
            samples += self._over()
            self._heard += rest
            self._began_ns = self._ticker.boot_ns()
            self._searched = len(rest)
        return samples

    def _over(self) -> list[Sample]:
        """What one telegram says, now that it is over."""
        heard = bytes(self._heard)
        self._heard.clear()
        self._searched = 0
        joined, self._joined = self._joined, True
        telegrams = decode(heard)
        if not telegrams or (not joined and not telegrams[-1].complete):
            return []
        self._statistics.requests += 1
        telegram = telegrams[-1]
        unproved = NO_CHECK in telegram.problems
        if not telegram.complete or not telegram.identification or (unproved and self._checked):
            reason = "check" if any("wrong" in problem for problem in telegram.problems) else "telegram"
            self._statistics.doubted(f"{BadAnswer.kind}_{reason}")
            return []
        self._checked = self._checked or not unproved
        return [self._sample(telegram)]

    def _sample(self, telegram: Telegram) -> Sample:
        understood = self._meaning.of(telegram.values)
        for doubt in understood.doubts:
            self._statistics.doubted(doubt)
        serial = serial_number(telegram.values)
        evidence = {"serial": serial} if serial else {}
        return Sample(self._meter.name, self._began_ns, understood.values, evidence=evidence)
