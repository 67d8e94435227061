"""Adds up what is beyond the usual until it is too much to be chance: Page's cumulative sum (Biometrika 41, 1954)."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

#: What one value adds at most, in units of the usual error.
_MOST = 40.0
#: How much more than ever is remarkable.
_MARGIN = 1.25


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay beyond the usual: from value `begin` to value `last`. `peak`: what it added up to."""

    begin: int
    last: int
    peak: float
    lasting: bool = False


@dataclass(slots=True)
class Side:
    """One side: `sign` +1 above, -1 below; `slack` is what is usual. The total stops at `most`, so that it ends."""

    sign: int
    slack: float
    most: float = inf
    total: float = 0.0
    stay: Stay | None = None
    ended: list[Stay] = field(default_factory=list)

    def add(self, place: int, error: float) -> None:
        """One more error, in units of the usual one."""
        excess = self.sign * error - self.slack
        self.total = min(self.most, max(0.0, self.total + min(excess, _MOST)))
        if excess > 0:
            begin, peak = (self.stay.begin, self.stay.peak) if self.stay else (place, 0.0)
            self.stay = Stay(begin, place, max(peak, self.total), lasting=True)
        elif self.total == 0.0 and self.stay:
            self.ended.append(Stay(self.stay.begin, self.stay.last, self.stay.peak))
            self.stay = None

    @property
    def stays(self) -> list[Stay]:
        """Those that ended, and the one that lasts."""
        return [*self.ended, *([self.stay] if self.stay else [])]


class Watch:
    """Both sides of a series of errors: first it learns what happens anyway, then it alarms at more than that."""

    def __init__(self, slack: float, least: float) -> None:
        self._slack = slack
        self._sides = self._both(inf)
        self.threshold = least

    def _both(self, most: float) -> tuple[Side, Side]:
        return Side(1, self._slack, most), Side(-1, self._slack, most)

    def add(self, place: int, error: float) -> None:
        """One more error."""
        for side in self._sides:
            side.add(place, error)

    def arm(self) -> None:
        """From now on it alarms: at more than all but one stay came to, for one of them may have been an anomaly."""
        peaks = sorted(stay.peak for side in self._sides for stay in side.stays)
        self.threshold = max(self.threshold, _MARGIN * peaks[-2] if len(peaks) > 1 else 0.0)
        self._sides = self._both(2 * self.threshold)

    @property
    def alarmed(self) -> bool:
        """Whether it stays beyond what would be remarkable."""
        return any(side.stay is not None and side.stay.peak > self.threshold for side in self._sides)

    def alarms(self) -> list[Stay]:
        """The stays that were remarkable, in order of time."""
        found = [stay for side in self._sides for stay in side.stays if stay.peak > self.threshold]
        return sorted(found, key=lambda stay: stay.begin)
