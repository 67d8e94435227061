"""Judges what a camera reads of an energy counter: it never goes back, nor grows faster than the installation allows.

A reading counts late: when enough after it follow from it, no row of readings that agree contradicts it, and it would
be wrong by no more than the installation counts since the last one that counted even if it and its neighbours were
misread in a row. What counted stays. The reasons and figures: docs/explanation/decisions/0105.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

#: W that a meter without a rating may measure: three phases of 100 A, the largest without transformers.
USUAL_POWER = 70e3
#: So many readings that agree may be wrong in a row, and nothing beyond physics counts: so many less one must follow.
ROW = 3
#: The first reading of a meter has nothing to fit to: so many must agree. So many that agree outweigh any other.
FIRST = 4
#: Readings that are remembered since the last one that the others bear out.
KEPT = 20
#: s within which it may have counted where nobody knows how long it was.
UNKNOWN = 86_400.0


@dataclass(frozen=True, slots=True)
class Shown:
    """What the display showed. `value`: Wh. `time`: s of a clock that never steps; None where that is unknown."""

    value: float
    time: float | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reading that may count yet, or one that cannot be and speaks against others.

    `jump`: Wh with which the impossible row began that it goes on; None where it can be. `row`: its number in that row.
    """

    shown: Shown
    jump: float | None = None
    row: int = 0
    fell: bool = False  #: the row began with a fall

    @property
    def possible(self) -> bool:
        """False where physics forbids it."""
        return self.jump is None


@dataclass(frozen=True, slots=True)
class Ruling:
    """What became of a reading. `counts`: those that count now, in order of time. `refused`: why it cannot be."""

    counts: tuple[Shown, ...] = ()
    refused: str = ""


@dataclass(slots=True)
class Judge:
    """One register of one meter. `power`: W it can count at most; `step`: Wh of its last digit.

    `end`: Wh at which it begins anew, 0 where that is unknown. `agreed`: the last ones that others bear out, `last`:
    the last one that counted.
    """

    power: float
    step: float
    end: float = 0.0
    agreed: list[Shown] = field(default_factory=list)
    last: Shown | None = None
    waiting: list[Waiting] = field(default_factory=list)
    trusting: bool = False  #: a person has looked: the next reading counts at once

    def rule(self, shown: Shown) -> Ruling:
        """What this reading is worth, and which earlier ones it lets count."""
        if self.trusting:
            self.trusting, self.last, self.waiting = False, shown, [Waiting(shown)]
            return Ruling((shown,))
        why = self._remember(shown)
        counts = self._settle()
        if not counts and not why and len(self.waiting) == KEPT:
            why = f"the last {KEPT} readings contradict each other"
        return Ruling(tuple(counts), why)

    def swap(self) -> None:
        """A person says that another meter hangs here: nothing that was is of any use."""
        self.end, self.agreed, self.last, self.waiting, self.trusting = 0.0, [], None, [], True

    def _remember(self, shown: Shown) -> str:
        """Lets it wait; returns why it cannot be."""
        waiting, why = self._seen(shown)
        self.waiting = [*self.waiting, waiting][-KEPT:]
        return why

    def _seen(self, shown: Shown) -> tuple[Waiting, str]:
        if not self.agreed:
            return Waiting(shown), ""
        last = self.agreed[-1]
        fallen = self._fallen(shown)
        if self._rise(last, shown) < -self._slack():
            return _next(fallen, shown, fell=True), f"goes back from {_kwh(last.value)} to {_kwh(shown.value)} kWh"
        if fallen is not None and fallen.row >= ROW and self._still(last, fallen, shown):
            return _next(fallen, shown), f"goes on from {_kwh(fallen.jump)} kWh, to which it cannot have fallen"
        return self._risen(last, shown)

    def _risen(self, last: Shown, shown: Shown) -> tuple[Waiting, str]:
        risen = next((one for one in reversed(self.waiting) if self._goes_on(one, shown) and not one.fell), None)
        known = [Waiting(last), *self.waiting]
        if risen is not None and not self._still(last, risen, shown):
            known = known[known.index(risen) :]
            risen = None
        before = (one.shown for one in known if one.possible)
        behind = next((one for one in before if self._rise(one, shown) > self._reach(one, shown)), None)
        if behind is not None:
            rise, most = self._rise(behind, shown), self._reach(behind, shown)
            return _next(risen, shown), f"rises by {rise / 1000:.6g} kWh where {most / 1000:.3g} kWh can be"
        if risen is not None:
            return _next(risen, shown), f"goes on from {_kwh(risen.jump)} kWh, to which it cannot have risen"
        return Waiting(shown), ""

    def _fallen(self, shown: Shown) -> Waiting | None:
        """The fallen one that it goes on from, if it is the newest of all that it can go on from.

        A digit misread once may fall as well, and all right ones follow from it: only a row of them tells anything.
        """
        newest = next((one for one in reversed(self.waiting) if self._follows(one.shown, shown)), None)
        return newest if newest is not None and newest.fell else None

    def _goes_on(self, one: Waiting, shown: Shown) -> bool:
        return not one.possible and self._follows(one.shown, shown)

    def _still(self, last: Shown, one: Waiting, shown: Shown) -> bool:
        """True while the digit that made the jump has not moved: one that is misread all the time does not go on."""
        jump = 0.0 if one.jump is None else one.jump
        change = self._rise(last, Shown(jump, shown.time))
        # What has risen did so by the misreading and more, what has fallen by less than it.
        rounded = math.ceil if one.fell else math.floor
        place = self.step * 10.0 ** rounded(
            math.log10(max(1.0, abs(change) / self.step)) + (-1e-9 if one.fell else 1e-9)
        )
        return math.floor(jump / place + 1e-6) == math.floor(shown.value / place + 1e-6)

    def _settle(self) -> list[Shown]:
        """Those that count now."""
        chains = _Chains(self.waiting, self._agree)
        counts: list[Shown] = []
        settled = -1
        for index, one in enumerate(self.waiting):
            if not one.possible or chains.disputed(index):
                continue
            if chains.after[index] < (ROW if self.agreed else FIRST) + chains.against(index):
                break
            settled = index
            if self._take(one.shown, [self.waiting[later].shown for later in chains.followers(index)]):
                counts.append(self.agreed[-1])
        if settled >= 0:
            rest, self.waiting = self.waiting[settled + 1 :], []
            for one in rest:
                self._remember(one.shown)
        return counts

    def _take(self, shown: Shown, followers: Sequence[Shown]) -> bool:
        """Takes a reading that others bear out for what later ones follow from; returns True when it counts, too."""
        if self.agreed and self._rise(self.agreed[-1], shown) < 0.0:
            shown = Shown(self.agreed[-1].value, shown.time)  # a last digit about to roll may read one less
        again = self.last is not None and self.last.time == shown.time
        sure = not again and self._sure(shown, followers)
        follows = bool(self.agreed) and self._follows(self.agreed[-1], shown)
        self.agreed = [*self.agreed, shown][-ROW:] if follows else [shown]
        self.last = shown if sure else self.last
        return sure

    def _sure(self, shown: Shown, followers: Sequence[Shown]) -> bool:
        """True when it is within what can be since the last one that counted, even if ROW in a row were misread.

        If the last `wrong` before it are, then the one before them is right, and one of the next ROW - wrong: the truth
        lies between these two, and rises from the one to the other no faster than the installation allows.
        """
        if self.last is None or not self.agreed:
            return True
        most = self._reach(self.last, shown)
        for wrong in range(1, ROW):
            before, after = self.agreed[max(0, len(self.agreed) - 1 - wrong)], followers[ROW - 1 - wrong]
            since, until = -self._rise(before, shown), self._rise(shown, after)
            low = max(since, until - self._reach(shown, after))
            high = min(until, since + self._reach(before, shown))
            if max(-low, high) > most:
                return False
        return True

    def _agree(self, earlier: Waiting, later: Waiting) -> bool:
        """True when the later one bears out the earlier; a long row of what cannot be bears out nothing but itself."""
        return (earlier.row > FIRST) == (later.row > FIRST) and self._follows(earlier.shown, later.shown)

    def _follows(self, earlier: Shown, later: Shown) -> bool:
        return -self._slack() <= self._rise(earlier, later) <= self._reach(earlier, later)

    def _rise(self, earlier: Shown, later: Shown) -> float:
        """Wh from the one to the other, beyond the end of the counter where that can be."""
        rise = later.value - earlier.value
        beyond = rise + self.end
        return beyond if rise < -self._slack() and 0.0 <= beyond <= self._reach(earlier, later) else rise

    def _reach(self, earlier: Shown, later: Shown) -> float:
        """Wh that can have been counted between the two."""
        known = earlier.time is not None and later.time is not None
        seconds = max(0.0, later.time - earlier.time) if known else UNKNOWN  # type: ignore[operator]
        return self.power * seconds / 3600.0 + self._slack()

    def _slack(self) -> float:
        return self.step * 1.001


def _next(before: Waiting | None, shown: Shown, *, fell: bool = False) -> Waiting:
    """The next one of an impossible row, or the first of another."""
    begun = Waiting(shown, jump=shown.value, fell=fell) if before is None else before
    return replace(begun, shown=shown, row=begun.row + 1)


def _kwh(wh: float | None) -> str:
    return f"{(wh or 0.0) / 1000:.15g}"


class _Chains:
    """Rows of readings of which each follows from the one before."""

    def __init__(self, readings: Sequence[Waiting], agree: Callable[[Waiting, Waiting], bool]) -> None:
        count = len(readings)
        self._agree = [[False] * count for _ in readings]
        before = [1] * count
        self.after = [1] * count  #: how long the longest row is that begins with it
        self._next = [-1] * count
        for one, later in combinations(range(count), 2):
            self._agree[one][later] = self._agree[later][one] = agree(readings[one], readings[later])
        for one in range(count):
            before[one] += max((before[other] for other in range(one) if self._agree[one][other]), default=0)
        for one in reversed(range(count)):
            for later in range(one + 1, count):
                if self._agree[one][later] and self.after[later] >= self.after[one]:
                    self.after[one], self._next[one] = self.after[later] + 1, later
        self._longest = [a + b - 1 for a, b in zip(before, self.after, strict=True)]

    def disputed(self, one: int) -> bool:
        """True when a reading that contradicts this one has as many on its side, or FIRST, itself among them."""
        enough = min(self._longest[one], FIRST)
        rows = zip(self._longest, self._agree[one], strict=True)
        return any(length >= enough and not agrees for other, (length, agrees) in enumerate(rows) if other != one)

    def against(self, one: int) -> int:
        """How many after it contradict it."""
        return self._agree[one][one + 1 :].count(False)

    def followers(self, one: int) -> list[int]:
        """The longest row after it."""
        row: list[int] = []
        while (one := self._next[one]) >= 0:
            row.append(one)
        return row
