"""Watches the hours: each against what the weeks before it let expect, which an anomaly must not teach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from collector.insight.anomaly.cusum import Stay, Watch
from collector.insight.forecast.estimate import LIMIT, History
from collector.insight.forecast.predict import WEEKLY_HOURS
from collector.insight.forecast.seasons import DAY_HOURS
from collector.insight.forecast.smoothing import Parameters, Places, State, Way, follow, look_ahead

#: It follows slowly: what lasts for days shall still be new.
_SLOW = Parameters(level=0.01, day=0.08, week=0.15)
_WAY = Way(LIMIT)
_SLACK = 1.0
_LEAST = 12.0
#: A single hour is a spike when it is so many times the usual error off, and so much more than ever.
_FAR, _FURTHER = 8.0, 1.3
#: How fast the usual error of an hour of the day is followed.
_RATE = 0.05


@dataclass(frozen=True, slots=True)
class Watched:
    """What was expected in each hour (None before it was watched), the stays beyond it, and single hours far off.

    The peak of an alarm or a spike is in units of its threshold.
    """

    expected: list[float | None]
    alarms: list[Stay]
    spikes: list[Stay]


def watch(history: History, first: int) -> Watched:
    """Watches the hours from `first` on; those before it say what is usual."""
    weekly = first >= WEEKLY_HOURS
    state = history.begin(weekly=weekly)
    parameters = _SLOW if weekly else Parameters(_SLOW.level, day=_SLOW.day)
    usual, guard = [state.spread] * DAY_HOURS, Watch(_SLACK, _LEAST)
    sizes: dict[int, float] = {}
    expected: list[float | None] = []
    for hour, value in enumerate(history.values):
        if hour == first:
            guard.arm()
        here = Places(history.places.day[hour : hour + 1], history.places.week[hour : hour + 1])
        (told,) = look_ahead(state, parameters, here, 0, 1)
        expected.append(told if hour >= first else None)
        if value is None:
            continue
        place, error = here.day[0], value - told
        if hour >= history.learning:
            guard.add(hour, error / usual[place])
            sizes[hour] = abs(error) / usual[place]
        if hour < first or not guard.alarmed:
            usual[place] = _followed(usual[place], abs(error), state)
            follow(state, parameters, [value], here, _WAY)
    alarms = [replace(stay, peak=stay.peak / guard.threshold) for stay in guard.alarms()]
    return Watched(expected, alarms, _spikes(sizes, first))


def _spikes(sizes: Mapping[int, float], first: int) -> list[Stay]:
    """Hours further off than all but one ever were, neighbours as one."""
    before = sorted(size for hour, size in sizes.items() if hour < first)
    threshold = max(_FAR, _FURTHER * before[-2] if len(before) > 1 else 0.0)
    found: list[Stay] = []
    for hour, size in sizes.items():
        if hour >= first and size > threshold:
            score = size / threshold
            if found and found[-1].last == hour - 1:
                found[-1] = Stay(found[-1].begin, hour, max(score, found[-1].peak))
            else:
                found.append(Stay(hour, hour, score))
    return found


def _followed(usual: float, error: float, state: State) -> float:
    """The usual error of an hour of the day after one more; never less than a part of that of all hours."""
    return max(usual + _RATE * (min(error, LIMIT * usual) - usual), 0.25 * state.spread, state.floor)
