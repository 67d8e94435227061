"""Guesses the state before the first hour from the first two weeks: their mean, each hour of the day, of the week."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import fmean

from collector.insight.forecast.seasons import DAY_HOURS, WEEK_HOURS
from collector.insight.forecast.smoothing import Places, State, Values

#: The spread is never taken for less than this part of how the values vary at all.
_FLOOR = 0.02
#: And than this part of the values' size, so that a series that never moved may begin to.
_LEAST = 1e-6


def start(values: Values, places: Places, *, weekly: bool) -> State:
    """The state before the first of these values, of which at least one is known."""
    known = [value for value in values if value is not None]
    level = fmean(known)
    day = _means(((i, v - level) for i, v in zip(places.day, values, strict=False) if v is not None), DAY_HOURS)
    rest = [(j, v - level - day[i]) for i, j, v in zip(places.day, places.week, values, strict=False) if v is not None]
    week = _means(rest, WEEK_HOURS) if weekly else [0.0] * WEEK_HOURS
    spread = fmean(abs(part - week[j]) for j, part in rest) * (1.5 if weekly else 1.0)
    floor = floor_of(values)
    return State(level, day=day, week=week, spread=max(spread, floor), floor=floor)


def floor_of(values: Values) -> float:
    """What the spread of the errors is never taken for less than, in a series with these values."""
    known = [value for value in values if value is not None]
    level = fmean(known)
    return (
        _FLOOR * fmean(abs(value - level) for value in known) + _LEAST * fmean(abs(value) for value in known) or _LEAST
    )


def _means(parts: Iterable[tuple[int, float]], count: int) -> list[float]:
    """The mean at each of so many places; 0 where nothing is known."""
    found: list[list[float]] = [[] for _ in range(count)]
    for place, value in parts:
        found[place].append(value)
    return [fmean(each) if each else 0.0 for each in found]
