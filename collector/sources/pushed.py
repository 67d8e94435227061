"""Hears one meter that sends by itself: joins in the middle, survives gaps, gives one sample for each telegram."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from collector.errors import BadAnswer, UsageError
from collector.model.ports import Ticker
from collector.model.reading import Sample
from collector.sources.channel.channel import Channel
from collector.sources.coded import CodedValues
from collector.sources.statistics import Statistics
from collector.sources.telegram import Telegram

#: s of silence within a telegram that end it: a meter sends its telegram in one breath.
PAUSE = 0.5
#: s without listening, after which what waits in the port is too old to be stamped, and may have holes.
STALE = 2.0


@dataclass(frozen=True, slots=True)
class Found:
    """A telegram in a stream. `at`: index of its first byte. `reason`: one word on why it is not believed, else ""."""

    at: int
    telegram: Telegram
    reason: str = ""
    serial: str = ""  #: number of the meter, as the meter says it


class Finder(Protocol):
    """Finds telegrams in a stream that comes in lumps; holds no more than one telegram."""

    #: Bytes since start that belong to no telegram.
    skipped: int

    @property
    def begun(self) -> bool:
        """True while a telegram has begun and is not over."""
        ...

    def feed(self, data: bytes) -> Iterator[Found]:
        """Every telegram that is over with these bytes, good or bad."""
        ...

    def drop(self, why: str) -> Iterator[Found]:
        """Forgets the telegram that has begun and gives it as a bad one; nothing if there is none."""
        ...


class PushListener:
    """One meter that speaks on a channel of its own (implements model.ports.Listener)."""

    def __init__(
        self, meter: str, values: CodedValues, channel: Channel, ticker: Ticker, finder: Callable[[], Finder]
    ) -> None:
        """`finder` makes a new one each time the channel is opened."""
        self._meter = meter
        self._values = values
        self._channel = channel
        self._ticker = ticker
        self._new_finder = finder
        self._finder = finder()
        self._statistics = Statistics()
        #: (index of the lump's first byte, its CLOCK_BOOTTIME), oldest first; of the telegram that has begun.
        self._lumps: list[tuple[int, int]] = []
        self._heard = 0
        self._silence = 0.0
        self._left = ticker.monotonic()

    @property
    def statistics(self) -> Mapping[str, Statistics]:
        """What happened since start."""
        return {self._meter: self._statistics}

    def listen(self, seconds: float) -> Sequence[Sample]:
        """The samples that are whole, as soon as there is one, within `seconds`; raises LineError."""
        self._make_ready()
        until = self._ticker.monotonic() + seconds
        samples: list[Sample] = []
        while not samples and (now := self._ticker.monotonic()) <= until:
            data = self._channel.receive(min(until - now, PAUSE))
            samples = self._take(data, self._ticker.monotonic() - now)
            if not data and now >= until:
                break
        self._left = self._ticker.monotonic()
        return samples

    def close(self) -> None:
        """Closes the channel."""
        self._channel.close()

    def _make_ready(self) -> None:
        if not self._channel.open:
            self._channel.connect()
            self._finder, self._heard, self._lumps = self._new_finder(), 0, []
        elif self._ticker.monotonic() - self._left > STALE:
            self._count(self._finder.drop("it was not listened to in time"))
            # Bounded: a port holds some kB.
            for _ in range(64):
                if not self._channel.receive(0):
                    break
        self._silence = 0.0 if not self._finder.begun else self._silence

    def _take(self, data: bytes, waited: float) -> list[Sample]:
        self._silence += waited
        if self._silence > PAUSE:
            self._count(self._finder.drop(f"it was silent for {self._silence:.1f} s in the middle"))
        if not data:
            return []
        self._silence = 0.0
        self._lumps.append((self._heard, self._ticker.boot_ns()))
        self._heard += len(data)
        samples = [sample for found in self._finder.feed(data) if (sample := self._judged(found))]
        if not self._finder.begun:
            # What is kept may be the first bytes of the next one.
            del self._lumps[:-1]
        return samples

    def _count(self, dropped: Iterator[Found]) -> None:
        for found in dropped:
            self._judged(found)

    def _judged(self, found: Found) -> Sample | None:
        if not found.telegram.complete and found.telegram.values:
            self._statistics.doubted(found.reason)
        elif not found.telegram.complete:
            text = found.telegram.problems[0] if found.telegram.problems else "not whole"
            self._statistics.failed(BadAnswer(f"{self._meter}: {text}", found.reason))
            return None
        self._statistics.requests += 1
        evidence = {"serial": found.serial} if found.serial else {}
        return Sample(self._meter, self._stamp(found.at), self._values.values(found.telegram), evidence=evidence)

    def _stamp(self, at: int) -> int:
        """CLOCK_BOOTTIME of the lump that brought this byte; older lumps are not needed any more."""
        while len(self._lumps) > 1 and self._lumps[1][0] <= at:
            del self._lumps[0]
        return self._lumps[0][1]


def decoded(finder: Finder, data: bytes, what: str) -> list[Telegram]:
    """Every telegram of a capture that may begin and end anywhere; what belongs to none is told by the nearest.

    Where nothing else was found, the fragment itself is the telegram, and not complete.
    """
    telegrams: list[Telegram] = []
    told = 0
    for found in finder.feed(data):
        telegrams.append(_with(found.telegram, _lost(finder.skipped - told, "before")))
        told = finder.skipped
    rest = [problem for found in finder.drop("the capture ends") for problem in found.telegram.problems]
    rest = rest or _lost(finder.skipped - told, "behind")
    if telegrams:
        telegrams[-1] = _with(telegrams[-1], rest)
    elif data:
        telegrams.append(Telegram("", complete=False, problems=tuple(rest or [f"there is no {what} telegram in it"])))
    return telegrams


def _lost(count: int, where: str) -> list[str]:
    return [f"{count} bytes {where} it belong to no telegram"] if count else []


def _with(telegram: Telegram, problems: list[str]) -> Telegram:
    return replace(telegram, problems=(*telegram.problems, *problems)) if problems else telegram


def permit(frame: bytes) -> None:
    """Such a meter is never asked: nothing may be sent (UsageError)."""
    raise UsageError("nothing is ever sent to a meter that speaks by itself")
