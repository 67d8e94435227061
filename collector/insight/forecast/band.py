"""Says how far a forecast may be off: by what was wrong before, so far ahead and at that hour of the day.

Split conformal prediction (Vovk 2005) over the errors of past forecasts, each divided by the usual error at its hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from collector.insight.forecast.seasons import DAY_HOURS

#: Hours ahead that are judged together: up to and including each.
_REACH = (1, 2, 4, 8, 16, 24, 48)
AHEAD = _REACH[-1]
#: The hours of a day share their usual error as if so many more errors of the mean size had been seen at each.
_SHARED = 4
#: Errors of the future are larger than those that the parameters were chosen by: by this part after so many forecasts
#: (eight weeks), by more the fewer they are.
_LARGER, _FORECASTS = 0.06, 144


@dataclass(frozen=True, slots=True)
class Band:
    """How far below and above: by hour of the day, and by hours ahead in units of that."""

    hours: Sequence[float]
    below: Sequence[float]
    above: Sequence[float]

    def around(self, value: float, hour: int, ahead: int) -> tuple[float, float]:
        """Low and high of what is expected at this hour of the day, so many hours ahead (1 is the next)."""
        group = next((number for number, reach in enumerate(_REACH) if ahead <= reach), len(_REACH) - 1)
        return value + self.hours[hour] * self.below[group], value + self.hours[hour] * self.above[group]


def band(wrong: Sequence[Sequence[float | None]], days: Sequence[Sequence[int]], share: float) -> Band:
    """The band that holds this share of the errors. `days`: the hour of the day of each error."""
    hours = _by_hour(wrong, days)
    groups: list[list[float]] = [[] for _ in _REACH]
    group_of = [next(g for g, reach in enumerate(_REACH) if ahead <= reach) for ahead in range(1, AHEAD + 1)]
    for errors, places in zip(wrong, days, strict=True):
        for group, error, hour in zip(group_of, errors, places, strict=False):
            if error is not None:
                groups[group].append(error / hours[hour])
    tail, wider = (1 - share) / 2, 1 + _LARGER * _FORECASTS / max(1, len(wrong))
    below, above = [], []
    fallback = (-1.0, 1.0)
    for scores in groups:
        fallback = _ends(sorted(scores), tail) if scores else fallback
        below.append(min(0.0, fallback[0]) * wider)
        above.append(max(0.0, fallback[1]) * wider)
    return Band(hours, below, above)


def quantile(ordered: Sequence[float], part: float) -> float:
    """The value below which this part of an ordered sample lies, between neighbours in proportion (Hyndman-Fan 7)."""
    place = part * (len(ordered) - 1)
    low, high = ordered[floor(place)], ordered[ceil(place)]
    return low + (high - low) * (place - floor(place))


def _ends(ordered: Sequence[float], tail: float) -> tuple[float, float]:
    """Both ends, each as far out as one more error could be that is like the others; further when they are few."""
    count = len(ordered)
    more = min(0.5, max(0.0, tail * (count + 1) - 1) / max(1, count - 1))
    wider = max(1.0, 1 / (tail * (count + 1))) ** 0.5
    return quantile(ordered, more) * wider, quantile(ordered, 1 - more) * wider


def _by_hour(wrong: Sequence[Sequence[float | None]], days: Sequence[Sequence[int]]) -> list[float]:
    sums, counts = [0.0] * DAY_HOURS, [0] * DAY_HOURS
    for errors, places in zip(wrong, days, strict=True):
        for error, hour in zip(errors, places, strict=False):
            if error is not None:
                sums[hour] += abs(error)
                counts[hour] += 1
    mean = sum(sums) / max(1, sum(counts)) or 1e-9
    return [(part + _SHARED * mean) / (count + _SHARED) for part, count in zip(sums, counts, strict=True)]
