"""Tells a counter's increment, reset, rollover and meter swap apart; one wrong value never becomes the truth.

What physics allows since the last value is believed at once. Anything else needs the meter's own word (its reset
counter, its serial number) or must be said three times, each time in agreement with the time before; until then it is
missing. Then a rise that was possible is an increment (a long outage), the same count in another unit or in other steps
is that, a fall to what can have been counted since is a reset, and the rest is another meter. The reasons are in
docs/explanation/decisions/0013 and 0071.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum

from collector.config.settings import MeterSettings
from collector.pipeline.accident import CHANCE, coarser, grain_of, rescaled, rolled_over

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
#: Values in coarse steps after which finer ones are news.
STEADY = 50
#: Decimals that a display may lose, as a factor of its smallest step: kWh instead of Wh.
COARSEST = 1000.0
#: s of counting within which a fall to near zero is a reset, however long nobody looked.
RESET_WITHIN = 86_400.0


class Change(Enum):
    """What happened to a counter between two values."""

    NORMAL = "normal"
    RESET = "reset"
    ROLLOVER = "rollover"
    SWAP = "swap"
    SCALE = "scale"  #: goes on in another unit or in other steps
    EXCHANGE = "exchange"  #: goes on where another tariff's counter stood
    HELD = "held"  #: not believed yet


@dataclass(slots=True)
class _Candidate:
    """A value that is not believed yet. `said`: what it was each time; `began`, `time`: the first and last time, s.

    `unit`: below 1 where it looks like the same count in a smaller unit.
    """

    said: list[float]
    began: float
    time: float
    unit: float = 1.0

    @property
    def pace(self) -> float:
        """W that it shows itself."""
        return 3600.0 * (self.said[-1] - self.said[0]) / max(1.0, self.time - self.began)


@dataclass(slots=True)
class Power:
    """How much this meter can count, W. `believed` grows with what is seen, up to `most`."""

    believed: float
    most: float
    seen: bool = False  #: the meter tells its power
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
        self._last, self.seen = now, True

    def learn(self, power: float) -> None:
        """A power that is certain."""
        self.believed = max(self.believed, min(power, self.most))


@dataclass(slots=True)
class Counter:
    """One counter of one meter. Times are s of a clock that never steps; None where that is unknown.

    `factor` turns what it says into Wh since it went on in another unit. After `judge`: `added` is what it counted
    since the value before, `assumed` how its change was understood, in words.
    """

    power: Power
    balance: bool = False
    rollover: float | None = None
    resolution: float = 1.0  #: Wh: its smallest step
    value: float | None = None
    time: float | None = None  #: of the last believed value
    moved: float | None = None  #: when it last was another value
    candidate: _Candidate | None = None
    ratio: float = 1.0  #: of the transformers: its digits end at a power of ten times this
    factor: float = 1.0
    added: float = 0.0
    assumed: str = ""
    _grain: float = field(default=0.0)
    _moves: int = 0

    def judge(self, value: float, now: float, *, reset: bool = False, swap: bool = False) -> Change:
        """What this value means. `reset`, `swap`: the meter itself says so."""
        self.assumed = ""
        change = self._known(value * self.factor, now, reset=reset, swap=swap)
        if change is Change.HELD:
            change = self._said_again(value * self.factor, now)
        if change is Change.SWAP:
            self.added, self.factor = self.added / self.factor, 1.0
        if change is not Change.HELD:
            finer = self.believe(value * self.factor, now)
            change = Change.SCALE if finer and change is Change.NORMAL else change
        return change

    def _known(self, value: float, now: float, *, reset: bool, swap: bool) -> Change:
        """What needs no second time."""
        last = self.value
        self.added = 0.0
        if last is None:
            return Change.NORMAL
        if swap:
            return Change.SWAP
        reach = self.reach(now, value)
        if reset and abs(value) < abs(last) and abs(value) <= reach:
            self.added = value
            return Change.RESET
        low = -reach if self.balance else 0.0
        if low <= value - last <= reach:
            self.added = value - last
            return Change.NORMAL
        end = None if self.rollover is None else self.rollover * self.factor
        if end is not None and last <= end and 0.0 <= end - last + value <= reach:
            self.added = end - last + value
            return Change.ROLLOVER
        return Change.HELD

    def _said_again(self, value: float, now: float) -> Change:
        candidate = self.candidate
        if candidate is not None:
            # Agreement is what counts here: a plant may be larger than anything that was seen of it so far.
            reach = self._reach(self.power.most, now - candidate.time, value) / candidate.unit
            low = -reach if self.balance else 0.0
            if low <= value - candidate.said[-1] <= reach:
                candidate.said.append(value)
                candidate.time = now
                return self._confirmed(candidate, now) if len(candidate.said) >= CONFIRMATIONS else Change.HELD
        self.candidate = _Candidate([value], now, now, self._smaller_unit(value, now))
        return Change.HELD

    def _smaller_unit(self, value: float, now: float) -> float:
        """In a smaller unit it also rises by larger figures: that unit, 1 where it is none."""
        if self.balance or self.value is None:
            return 1.0
        found = rescaled(self.value, [value], self.reach(now, self.value), self.resolution * self.factor)
        return min(1.0, found or 1.0)

    def _confirmed(self, candidate: _Candidate, now: float) -> Change:
        assert self.value is not None
        last, said, value = self.value, candidate.said, candidate.said[-1]
        if not self.balance and (change := self._explained(last, said, self.reach(now, last))):
            return change
        self.added = value - said[0]
        if value <= last:
            since = min(RESET_WITHIN, self._elapsed(now))
            if self.balance or not 0.0 <= said[0] <= self._reach(self.power.believed, since, said[0]):
                return Change.SWAP
            self.added = value
            return Change.RESET
        return self._risen(candidate, now)

    def _explained(self, last: float, said: list[float], reach: float) -> Change | None:
        factor = rescaled(last, said, reach, self.resolution * self.factor)
        if factor is not None:
            self.factor = 10.0 ** round(math.log10(self.factor * factor))
            self.added = max(0.0, said[-1] * factor - last)
            self.assumed = f"goes on in another unit, what it says is taken {self.factor:g} times from now on"
            return Change.SCALE
        step = coarser(last, said, self._grain or self.resolution)
        if step is not None:
            self.added = max(0.0, said[-1] - last)
            self.assumed = f"goes on in steps of {step:g}, not of {self._grain:g}"
            self._grain = step
            return Change.SCALE
        end = rolled_over(last, said, reach, *self._digits()) if self.rollover is None else None
        if end is not None:
            self.added = end - last + said[-1]
            self.assumed = f"passed its highest value, which is taken for {end:.15g}"
            return Change.ROLLOVER
        return None

    def _risen(self, candidate: _Candidate, now: float) -> Change:
        """A rise beyond what is believed is an increment only at a pace that the meter itself shows."""
        last, value, elapsed = self.value or 0.0, candidate.said[-1], self._elapsed(now)
        unknown = not self.power.seen and self.power.believed < self.power.most
        if unknown and value == candidate.said[0] and now - candidate.began < LONGEST_STAND:
            del candidate.said[1]
            return Change.HELD
        power = min(self.power.most, max(self.power.believed, HEADROOM * candidate.pace))
        if value - last > self._reach(power, elapsed, value) + self._coarse(last, value):
            return Change.SWAP
        if elapsed:
            self.power.learn(1.5 * (value - last) * 3600.0 / elapsed)
        self.added = value - last
        return Change.NORMAL

    def _coarse(self, last: float, value: float) -> float:
        """Wh by which a counter in coarser steps than it had is ahead of what it counted: the steps of both values."""
        least = self.resolution * self.factor
        return min(grain_of(last, least), grain_of(value, least), COARSEST * least, CHANCE * last)

    def _digits(self) -> tuple[float, float]:
        return self.ratio * self.factor, self.resolution * self.factor

    def reach(self, now: float, value: float) -> float:
        """Wh that can have been counted since the last believed value."""
        return self._reach(self.power.believed, self._elapsed(now), value)

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

    def believe(self, value: float, now: float) -> bool:
        """Takes the value for the truth; returns True when it has finer steps than all the many before."""
        finer = False
        if value != self.value:
            self.moved, self._moves = now, self._moves + 1
            grain = grain_of(value, self.resolution * self.factor)
            finer = self._moves > STEADY and grain < self._grain
            if finer:
                self.assumed, self._moves = f"goes on in steps of {grain:g}, not of {self._grain:g}", 0
            self._grain = min(grain, self._grain or grain)
        self.value, self.time, self.candidate = value, now, None
        return finer
