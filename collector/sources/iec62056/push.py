"""Hears a meter that sends its telegram by itself, joined at any point (IEC 62056-21, mode D: 6.4.5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from collector.config.settings import MeterSettings
from collector.devices.map import Model
from collector.errors import BadAnswer
from collector.model.ports import Ticker
from collector.model.reading import Sample
from collector.sources.channel.channel import Channel
from collector.sources.iec62056.characters import seven_bits
from collector.sources.iec62056.decode import NO_CHECK, decode
from collector.sources.iec62056.identification import LINE
from collector.sources.iec62056.meaning import serial_number
from collector.sources.telegram import Telegram, Value
from collector.sources.telegram_listener import PAUSE, TelegramListener

#: Longer telegrams are noise.
MOST_BYTES = 65536
#: An identification line may hang over the end of what was searched already.
_OVERHANG = 100


def begin(heard: bytearray, start: int) -> int | None:
    """Where, from `start` on, the next telegram begins."""
    found = LINE.search(seven_bits(bytes(heard[start:])), 1 if start == 0 else 0)
    return start + found.start() if found else None


@dataclass(frozen=True, slots=True)
class Speech:
    """How meters that speak by themselves differ: where their telegrams begin and what those say."""

    begin: Callable[[bytearray, int], int | None] = begin
    decode: Callable[[bytes], list[Telegram]] = decode
    serial: Callable[[Sequence[Value]], str | None] = serial_number


class PushListener(TelegramListener):
    """The one meter of a line (implements model.ports.Listener)."""

    def __init__(
        self, meter: MeterSettings, model: Model, channel: Channel, ticker: Ticker, speech: Speech | None = None
    ) -> None:
        self._speech = speech or Speech()
        self._heard = bytearray()
        self._began_ns = 0
        self._last = 0.0
        self._checked = False  #: this meter sends a block check or CRC: one without is damaged
        super().__init__(meter, model, channel, ticker)

    def _hear(self, until: float) -> Sequence[Sample]:
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
        while (cut := self._cut()) is not None:
            rest = bytes(self._heard[cut:])
            del self._heard[cut:]
            samples += self._over()
            self._heard += rest
            self._began_ns = self._ticker.boot_ns()
        return samples

    def _cut(self) -> int | None:
        """Where what was heard last ends, if it does."""
        start = max(0, self._searched - _OVERHANG)
        self._searched = len(self._heard)
        found = self._speech.begin(self._heard, start)
        return self._searched if found is None and self._searched > MOST_BYTES else found

    def _over(self) -> list[Sample]:
        """What one telegram says, now that it is over."""
        heard = bytes(self._heard)
        self._heard.clear()
        self._searched = 0
        joined, self._joined = self._joined, True
        telegrams = self._speech.decode(heard)
        if not telegrams or (not joined and not telegrams[-1].complete):
            return []
        self._statistics.requests += 1
        telegram = telegrams[-1]
        unproved = NO_CHECK in telegram.problems
        if not telegram.complete or not telegram.identification or (unproved and self._checked):
            self._statistics.doubted(f"{BadAnswer.kind}_{_reason(telegram)}")
            return []
        self._checked = self._checked or not unproved
        return [self._sample(self._began_ns, telegram.values, self._speech.serial(telegram.values))]


def _reason(telegram: Telegram) -> str:
    """The word under which a telegram that was not believed is counted."""
    words = {"wrong": "check", "encrypted": "encrypted"}
    return next((words[word] for word in words if any(word in problem for problem in telegram.problems)), "telegram")
