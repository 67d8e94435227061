"""Tells a counter's increment, reset, rollover and meter swap apart; one wrong value never becomes the truth.

What physics allows since the last value is believed at once. Anything else needs the meter's own word (its reset
counter, its serial number) or must be said three times, each time in agreement with the time before; until then it is
missing. Then a rise that was possible is an increment (a long outage), a fall to what can have been counted since is a
reset, and the rest is another meter. The reasons are in docs/explanation/decisions/0013.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from collector.config.settings import MeterSettings

#: A value outside of what is believed counts when it was said this often.
CONFIRMATIONS = 3
#: Without a rating: W that every installation may have, before its meter has shown more ...
LEAST_POWER = 100e3
#: ... and that none exceeds.
MOST_POWER = 2e9
#: The rating may be exceeded this much: for a while (starting motors), or for ever (a rating typed too low).
OVERLOAD = 3.0
#: The power seen twice in a row times this is believed.
HEADROOM = 4.0
#: s: meters bring their counters up to date now and then, some every quarter of an hour.
UPDATE_PERIOD = 60.0
LONGEST_STAND = 900.0
#: s of counting within which a fall to near zero is a reset, however long nobody looked.
RESET_WITHIN = 86_400.0


class Change(Enum):
    """What happened to a counter between two values."""

    NORMAL = "normal"
    RESET = "reset"
    ROLLOVER = "rollover"
    SWAP = "swap"
    HELD = "held"  #: not believed yet


@dataclass(slots=True)
class _Candidate:
    """A value that is not believed yet. `first`: what it was when first said; `time`: of the last time, s."""

    first: float
    value: float
    time: float
    said: int = 1


@dataclass(slots=True)
class Power:
    """How much this meter can count, W. `believed` grows with what is seen, up to `most`."""

    believed: float
    most: float
    _last: float = 0.0

    @classmethod
    def of(cls, meter: MeterSettings) -> Power:
        """What the configuration says of the installation."""
        if meter.rated_apparent_power:
            return cls(OVERLOAD * meter.rated_apparent_power, OVERLOAD * meter.rated_apparent_power)
        return cls(LEAST_POWER * meter.ct_ratio * meter.vt_ratio, MOST_POWER)

    def see(self, power: float) -> None:
        """A power that the meter measured; one wrong value alone changes nothing."""
        now = abs(power)
        self.learn(HEADROOM * min(now, self._last))
        self._last = now

    def learn(self, power: float) -> None:
        """A power that is certain."""
        self.believed = max(self.believed, min(power, self.most))


@dataclass(slots=True)
class Counter:
    """One counter of one meter. Times are s of a clock that never steps; None where that is unknown."""

    power: Power
    balance: bool = False
    rollover: float | None = None
    resolution: float = 1.0  #: Wh: its smallest step
    value: float | None = None
    time: float | None = None  #: of the last believed value
    moved: float | None = None  #: when it last was another value
    candidate: _Candidate | None = None

    def judge(self, value: float, now: float, *, reset: bool = False, swap: bool = False) -> Change:
        """What this value means. `reset`, `swap`: the meter itself says so."""
        change = self._known(value, now, reset=reset, swap=swap)
        if change is Change.HELD:
            change = self._said_again(value, now)
        if change is not Change.HELD:
            self._believe(value, now)
        return change

    def _known(self, value: float, now: float, *, reset: bool, swap: bool) -> Change:
        """What needs no second time."""
        last = self.value
        if last is None:
            return Change.NORMAL
        if swap:
            return Change.SWAP
        reach = self._reach(self.power.believed, self._elapsed(now), value)
        if reset and abs(value) < abs(last) and abs(value) <= reach:
            return Change.RESET
        low = -reach if self.balance else 0.0
        if low <= value - last <= reach:
            return Change.NORMAL
        if self.rollover is not None and last <= self.rollover and 0.0 <= self.rollover - last + value <= reach:
            return Change.ROLLOVER
        return Change.HELD

    def _said_again(self, value: float, now: float) -> Change:
        candidate = self.candidate
        if candidate is not None:
            # Agreement is what counts here: a plant may be larger than anything that was seen of it so far.
            reach = self._reach(self.power.most, now - candidate.time, value)
            low = -reach if self.balance else 0.0
            if low <= value - candidate.value <= reach:
                candidate.value, candidate.time = value, now
                candidate.said += 1
                return self._confirmed(candidate, now) if candidate.said >= CONFIRMATIONS else Change.HELD
        self.candidate = _Candidate(value, value, now)
        return Change.HELD

    def _confirmed(self, candidate: _Candidate, now: float) -> Change:
        assert self.value is not None
        step, elapsed = candidate.value - self.value, self._elapsed(now)
        if step > 0.0:
            if step > self._reach(self.power.most, elapsed, candidate.value):
                return Change.SWAP
            if elapsed:
                self.power.learn(1.5 * step * 3600.0 / elapsed)
            return Change.NORMAL
        since = min(RESET_WITHIN, elapsed)
        near_zero = 0.0 <= candidate.first <= self._reach(self.power.believed, since, candidate.first)
        return Change.RESET if near_zero and not self.balance else Change.SWAP

    def _elapsed(self, now: float) -> float:
        """Seconds in which it may have counted; a day where nobody knows."""
        if self.time is None:
            return RESET_WITHIN
        stood = 0.0 if self.moved is None else min(LONGEST_STAND, self.time - self.moved)
        return max(0.0, now - self.time) + stood

    def _reach(self, power: float, seconds: float, value: float) -> float:
        """Wh that can be counted in this time, with the counter's own coarseness."""
        # 2**-22: a counter in float32 has 24 bits, and both ends are rounded.
        return power * (seconds + UPDATE_PERIOD) / 3600.0 + 2.0 * max(self.resolution, abs(value) * 2.0**-22)

    def _believe(self, value: float, now: float) -> None:
        if value != self.value:
            self.moved = now
        self.value, self.time, self.candidate = value, now, None
