"""Gives stamps their time of day: UTC = CLOCK_BOOTTIME + a shift that only trusted evidence may change.

The system clock is never asked per stamp, so a step of it moves nothing. Small corrections are slewed, 0.5 ms a second
as the kernel does it, so that the stamps of one meter never collide or run back; larger ones step, with an event.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path

from collector.config.settings import ClockSettings
from collector.model.event import Event
from collector.model.ports import Ticker
from collector.model.status import ClockStatus
from collector.pipeline import trusted_time
from collector.pipeline.trusted_time import BUILD_DATE, Machine, this_machine

#: Corrections up to this much (ns) are slewed.
SLEW_LIMIT = 500_000_000
#: ns of correction per ns.
SLEW_RATE = 500e-6
#: File in the state directory that keeps the shifts of the last boots.
SHIFT_FILE = "clock.json"
_BOOTS_KEPT = 20
_WORDS = {"ntp": "NTP", "rtc": "the battery-backed clock", "set": "a person", "system": "the system clock"}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Slope:
    """A shift that moves from `start` at `since` (CLOCK_BOOTTIME) to `goal`; all ns. Replaced as a whole."""

    since: int
    start: int
    goal: int

    def at(self, boot_ns: int) -> int:
        """The shift at that moment: strictly increasing stamps, whatever the goal."""
        reach = int(max(0, boot_ns - self.since) * SLEW_RATE)
        return self.start + max(-reach, min(reach, self.goal - self.start))


@dataclass(frozen=True, slots=True)
class _Known:
    """What the shift file says of a boot: its true shift, who told it, what a person last told; ms."""

    shift: int
    source: str
    told: int | None = None


class SiteClock:
    """The site's clock. `stamp` from any thread, `poll` from one, at start and then every 10 s or so."""

    def __init__(self, settings: ClockSettings, state: Path, ticker: Ticker, machine: Machine | None = None) -> None:
        """`machine`: whom to ask for the time; this one when None."""
        self._machine = machine or this_machine(settings.trust, state, ticker.boot_ns)
        #: The kernel's identity of this boot.
        self.boot = self._machine.boot
        self._path = state / SHIFT_FILE
        self._ticker = ticker
        self._wait_until = ticker.boot_ns() + int(settings.wait * 1e9)
        self._shifts = _read_shifts(self._path)
        self._slope: _Slope | None = None
        self._source = ""
        self._told: int | None = None
        self._since: int | None = None
        self._resume()

    def _resume(self) -> None:
        """An earlier process of this boot knew the time: a clock that cannot step has not forgotten it."""
        known = self._shifts.get(self.boot)
        if known is not None:
            now, shift = self._ticker.boot_ns(), known.shift * 1_000_000
            self._source, self._told = known.source, known.told
            self._slope = _Slope(now, shift, shift)
            self._since = now // 1_000_000 + known.shift

    @property
    def trusted(self) -> bool:
        """True as soon as the time of day is known."""
        return self._slope is not None

    @property
    def shift_ms(self) -> int:
        """UTC ms = boot ms + this, for readings of this boot stamped before the time was known.

        Fixed from the moment it is known (also over a restart of the collector), so that a replay stamps the same.
        Raises RuntimeError while the time is not known.
        """
        shift = self.shift_of(self.boot)
        if shift is None:
            raise RuntimeError("the time is not known yet")
        return shift

    def shift_of(self, boot: str) -> int | None:
        """The true shift (ms) of this or an earlier boot; None if it was never known or is long forgotten."""
        known = self._shifts.get(boot)
        return known.shift if known else None

    def shifts(self) -> dict[str, int]:
        """The true shift (ms) of every boot of which it is known: this one and the last ones before."""
        return {boot: known.shift for boot, known in self._shifts.items()}

    @property
    def wait_is_over(self) -> bool:
        """True when `clock.wait` has passed since the collector started."""
        return self._ticker.boot_ns() >= self._wait_until

    def stamp(self, boot_ns: int) -> tuple[int, str | None]:
        """(UTC ms, None) for a moment of CLOCK_BOOTTIME, or (boot ms, boot id) while the time is not known."""
        slope = self._slope
        if slope is None:
            return boot_ns // 1_000_000, self.boot
        return (boot_ns + slope.at(boot_ns)) // 1_000_000, None

    @staticmethod
    def estimate(last_stored: int | None) -> int:
        """A shift (ms) for a boot whose time is unknown: even its first moment comes after all that is stored.

        So the estimated times of two boots never share a stretch, and each can be moved by its own truth later.
        """
        return max(BUILD_DATE, 0 if last_stored is None else last_stored + 1)

    def poll(self) -> list[Event]:
        """Asks the time sources, best first; returns what a person should know."""
        news = self._news_of_a_person()
        for name, read in self._machine.sources.items():
            if name == "rtc" and self.trusted:
                break  # it was asked at start; it drifts and knows nothing better
            shift = news if name == "set" else read()
            if shift is not None:
                return self._believe(name, shift)
        return []

    def _news_of_a_person(self) -> int | None:
        """The shift that a person set, if it is new: what was said once does not overrule later evidence again."""
        read = self._machine.sources.get("set")
        shift = read() if read else None
        if shift is None or shift // 1_000_000 == self._told:
            return None
        self._told = shift // 1_000_000
        return shift

    def _believe(self, source: str, shift: int) -> list[Event]:
        now, slope, before = self._ticker.boot_ns(), self._slope, self._source
        self._source = source
        if slope is None:
            self._adopt(now, shift)
            return [self._event(now, "clock_trusted", f"The time is known from {_WORDS[source]}")]
        current = slope.at(now)
        if abs(shift - current) <= SLEW_LIMIT:
            self._slope = _Slope(now, current, shift)
            return []
        self._adopt(now, shift)
        way = "forward" if shift > current else "back"
        text = (
            f"The clock was set {way} by {abs(shift - current) / 1e9:.1f} s: {_WORDS[source]} corrects {_WORDS[before]}"
        )
        return [self._event(now, "clock_moved", text)]

    def _adopt(self, now: int, shift: int) -> None:
        shift_ms = shift // 1_000_000
        self._since = now // 1_000_000 + shift_ms
        earlier = {boot: known for boot, known in self._shifts.items() if boot != self.boot}
        # The newest boot is the last. Replaced as a whole: the writer asks from its own thread.
        self._shifts = {**earlier, self.boot: _Known(shift_ms, self._source, self._told)}
        self._slope = _Slope(now, shift, shift)
        kept = list(self._shifts.items())[-_BOOTS_KEPT:]
        try:
            trusted_time.write_json(self._path, {boot: [known.shift, known.source, known.told] for boot, known in kept})
        except OSError as error:
            # Nothing to cry about: `phaselog read` of another user asks for the time too, and the spool complains
            # about a state directory that the collector cannot write.
            log.info("clock: %s cannot be written: %s", self._path, error.strerror)

    def _event(self, now: int, kind: str, message: str) -> Event:
        return Event(self.stamp(now)[0], kind, message)

    def status(self) -> ClockStatus:
        """Whether the time is known, from where, and how far the system clock is off."""
        slope, now = self._slope, self._ticker.boot_ns()
        if slope is None:
            return ClockStatus()
        offset = (now + slope.at(now) - self._machine.system_ns()) / 1e6
        return ClockStatus(True, self._source, round(offset, 1), self._since)


def _read_shifts(path: Path) -> dict[str, _Known]:
    """Boot id -> what is known of it, oldest first; empty if the file is not there or not ours."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return {boot: _known(*entry) for boot, entry in data.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _known(shift: int, source: str, told: int | None) -> _Known:
    if source not in _WORDS:
        raise ValueError(f"no such time source: {source}")
    return _Known(int(shift), source, None if told is None else int(told))
