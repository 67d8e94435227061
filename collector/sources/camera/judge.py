"""Judges what a camera reads of an energy counter: it never goes back, nor grows faster than the installation allows.

A reading counts when it fits the last one that counted, and the next one fits it in turn: one misread picture reaches
nobody. A value beyond physics never counts, however often it is said; what was counted wrongly is taken back as soon as
two readings agree with each other and with the one before it. The reasons: docs/explanation/decisions/0088.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

#: W that a meter without a rating may measure: three phases of 100 A, the largest without transformers.
USUAL_POWER = 70e3
#: Readings that are remembered: those that counted, and those that wait.
KEPT = 3
#: The first reading of a meter has nothing to fit to: so many must agree.
FIRST = 3
#: Beyond so many times what can be it is no installation that was rated too low. Such a value stays impossible as long
#: as it is said: that time goes by, so that it could have been counted by now, does not make it true.
FAR = 3.0
#: s within which it may have counted where nobody knows how long it was.
UNKNOWN = 86_400.0


@dataclass(frozen=True, slots=True)
class Shown:
    """What the display showed. `value`: Wh. `time`: s of a clock that never steps; None where that is unknown."""

    value: float
    time: float | None


@dataclass(frozen=True, slots=True)
class Ruling:
    """What became of a reading.

    `counts`: those that count now, in order of time; the newest may still wait. `refused`: why it cannot be.
    `taken_back`: what had counted, and was wrong, in order of time.
    """

    counts: tuple[Shown, ...] = ()
    refused: str = ""
    taken_back: tuple[Shown, ...] = ()


@dataclass(slots=True)
class Judge:
    """One register of one meter. `power`: W it can count at most; `step`: Wh of its last digit."""

    power: float
    step: float
    counted: list[Shown] = field(default_factory=list)
    waiting: list[Shown] = field(default_factory=list)
    trusting: bool = False  #: a person has looked: the next reading counts at once
    strange: list[Shown] = field(default_factory=list)
    far: list[Shown] = field(default_factory=list)  #: those of the strange that are FAR beyond

    def rule(self, shown: Shown) -> Ruling:
        """What this reading is worth, and which earlier one it confirms."""
        if not self.counted:
            return self._first(shown)
        last = self.counted[-1]
        if -self._slack() <= shown.value - last.value <= 0.0:
            return self._stands(shown, last)
        if not self._follows(last, shown) or self._said_before(shown):
            return self._does_not_fit(shown)
        self.strange, self.far = [], []
        return self._rises(shown)

    def swap(self) -> None:
        """A person says that another meter hangs here: nothing that was is of any use."""
        self.counted, self.waiting, self.strange, self.far, self.trusting = [], [], [], [], True

    def _first(self, shown: Shown) -> Ruling:
        chain = [*self._chain(self.waiting, shown), shown]
        if self.trusting:
            self.trusting = False
            return self._count(chain[-1:])
        self.waiting = [*self.waiting, shown][-KEPT:]
        if len(chain) < FIRST:
            return Ruling()
        self.waiting = [shown]
        return self._count(chain[:-1])

    def _stands(self, shown: Shown, last: Shown) -> Ruling:
        """The display shows what it showed; a last digit that is about to roll may read one less."""
        stands = Shown(last.value, shown.time)
        agreeing = [other for other in self.waiting if self._follows(other, stands)]
        self.waiting, self.strange, self.far = [], [], []
        return self._count([*agreeing, stands])

    def _rises(self, shown: Shown) -> Ruling:
        before = [other for other in self.waiting if self._follows(other, shown)]
        chain = self._chain(before, shown)
        if len(chain) == len(before):
            self.waiting = [shown] if before else [*self.waiting, shown][-KEPT:]
            return self._count(chain)
        # Of those that wait some contradict each other, and nobody knows which one is wrong: none counts.
        self.waiting = [shown]
        return Ruling()

    def _chain(self, before: Sequence[Shown], shown: Shown) -> list[Shown]:
        """Those of `before` that lead to this reading one after the other."""
        chain: list[Shown] = []
        following = shown
        for other in reversed(before):
            if self._follows(other, following):
                chain.insert(0, other)
                following = other
        return chain

    def _does_not_fit(self, shown: Shown) -> Ruling:
        """What counted last was wrong if two readings agree with each other and with what counted before it."""
        agreeing = [other for other in self.strange if self._follows(other, shown)]
        self.strange = [*self.strange, shown][-KEPT:]
        last = self.counted[-1]
        if shown.value - last.value > FAR * self._reach(last, shown) or self._said_before(shown):
            self.far = [*self.far, shown][-KEPT:]
        for index in range(len(self.counted) - 2, -1, -1):
            before = self.counted[index]
            witnesses = [other for other in agreeing if self._follows(before, other)]
            if before.value != self.counted[-1].value and witnesses and self._follows(before, shown):
                wrong, self.counted = tuple(self.counted[index + 1 :]), self.counted[: index + 1]
                self.waiting, self.strange, self.far = [shown], [], []
                return Ruling(self._count(witnesses[-1:]).counts, taken_back=wrong)
        return Ruling(refused=self._why(self.counted[-1], shown))

    def _said_before(self, shown: Shown) -> bool:
        """True when this is what was far beyond anything that can be when it was said before."""
        return any(self._follows(other, shown) for other in self.far)

    def _why(self, last: Shown, shown: Shown) -> str:
        if shown.value < last.value:
            return f"goes back from {last.value / 1000:.15g} to {shown.value / 1000:.15g} kWh"
        most = self._reach(last, shown)
        return f"rises by {(shown.value - last.value) / 1000:.6g} kWh where {most / 1000:.3g} kWh can be"

    def _count(self, readings: Sequence[Shown]) -> Ruling:
        self.counted = [*self.counted, *readings][-KEPT:]
        return Ruling(tuple(readings))

    def _follows(self, earlier: Shown, later: Shown) -> bool:
        return 0.0 <= later.value - earlier.value <= self._reach(earlier, later)

    def _reach(self, earlier: Shown, later: Shown) -> float:
        """Wh that can have been counted between the two."""
        known = earlier.time is not None and later.time is not None
        seconds = max(0.0, later.time - earlier.time) if known else UNKNOWN  # type: ignore[operator]
        return self.power * seconds / 3600.0 + self._slack()

    def _slack(self) -> float:
        return self.step * 1.001
