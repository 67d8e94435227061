"""Follows a series by additive exponential smoothing: level, damped trend, day and week, and memory of the last error.

Holt-Winters in error-correction form with a second season and an AR(1) term (Taylor 2003, J. Oper. Res. Soc. 54).
With one season, no memory and no limit it is plain Holt-Winters, to numerical precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import inf

#: A value in each hour; None where it is not known.
Values = Sequence[float | None]

#: How fast the spread of the errors is followed.
_SPREAD_RATE = 0.02
#: Hours that a level must be away at least to be a new one: an outage is none.
_AWAY = 3


@dataclass(frozen=True, slots=True)
class Parameters:
    """How much of an error goes where: 0 nothing, 1 all of it. `damping`: what is left of the trend an hour later;
    `memory`: what is left of an error an hour later."""

    level: float
    trend: float = 0.0
    damping: float = 1.0
    day: float = 0.0
    week: float = 0.0
    memory: float = 0.0


@dataclass(slots=True)
class State:
    """What is known after an hour: the value is level + trend + day + week + rest.

    `spread`: the mean size of an error, which never falls below `floor`: what may happen though it never did.
    `away`: hours in a row whose errors were beyond the limit on one side, `distance`: all of these errors in limits,
    `nearest`: the least of them.
    """

    level: float
    trend: float = 0.0
    day: list[float] = field(default_factory=lambda: [0.0])
    week: list[float] = field(default_factory=lambda: [0.0])
    rest: float = 0.0
    spread: float = 0.0
    floor: float = 0.0
    away: int = 0
    distance: float = 0.0
    nearest: float = 0.0

    def copy(self) -> State:
        """One that may change by itself."""
        return replace(self, day=self.day[:], week=self.week[:])


@dataclass(frozen=True, slots=True)
class Places:
    """The place of each hour in the day and in the week: one entry for each value, and on for those to come."""

    day: Sequence[int]
    week: Sequence[int]

    def since(self, first: int) -> Places:
        """The places from this hour on."""
        return Places(self.day[first:], self.week[first:])


@dataclass(frozen=True, slots=True)
class Way:
    """How a series is followed: an error beyond `limit` times the spread counts as that much, unless errors go on to
    be beyond it until they make `new_level` limits together: then the level is another one, at once. At each of the
    hours `origins` it looks so many hours ahead, to see what would have been wrong."""

    limit: float = inf
    new_level: float = inf
    origins: range = range(0)
    ahead: int = 24


PLAIN = Way()


def look_ahead(state: State, parameters: Parameters, places: Places, first: int, count: int) -> list[float]:
    """What is expected in the hours from place `first` on, when the state is that of the hour before it."""
    day, week = state.day, state.week
    phi, memory = parameters.damping, parameters.memory
    level, trend, rest = state.level, state.trend, state.rest
    expected = []
    for i, j in zip(places.day[first : first + count], places.week[first : first + count], strict=True):
        trend *= phi
        rest *= memory
        level += trend
        expected.append(level + day[i] + week[j] + rest)
    return expected


def follow(
    state: State, parameters: Parameters, values: Values, places: Places, way: Way = PLAIN
) -> list[list[float | None]]:
    """Brings the state past these values; what was wrong, origin by origin. An unknown hour changes nothing."""
    wrong: list[list[float | None]] = []
    limit, origins, ahead = way.limit, way.origins, way.ahead
    day, week, bound = state.day, state.week, inf
    alpha, beta, phi = parameters.level, parameters.trend, parameters.damping
    gamma, delta, memory = parameters.day, parameters.week, parameters.memory
    for hour, value in enumerate(values):
        if hour in origins:
            truth = values[hour : hour + ahead]
            expected = look_ahead(state, parameters, places, hour, len(truth))
            wrong.append([None if a is None else a - b for a, b in zip(truth, expected, strict=True)])
        i, j = places.day[hour], places.week[hour]
        drift = phi * state.trend
        state.rest *= memory
        if value is None:
            state.level += drift
            state.trend = drift
            continue
        error = value - (state.level + drift + day[i] + week[j] + state.rest)
        if limit != inf:
            bound = limit * max(state.spread, state.floor)
            state.spread += _SPREAD_RATE * (min(abs(error), bound) - state.spread)
            error -= _moved(state, error, bound, way.new_level)
            error = max(-bound, min(bound, error))
        state.level += drift + alpha * error
        state.trend = drift + alpha * beta * error
        day[i] += gamma * error
        week[j] += delta * error
        if memory:
            state.rest = max(-bound, min(bound, value - state.level - day[i] - week[j]))
    return wrong


def _moved(state: State, error: float, bound: float, new_level: float) -> float:
    """By how much the level is another one now: nothing while it may come back."""
    if abs(error) <= bound or bound == 0.0:
        state.away = 0
        return 0.0
    if state.away and (error > 0) == (state.nearest > 0):
        state.nearest = min(state.nearest, error, key=abs)
        state.distance += abs(error) / bound
        state.away += 1
    else:
        state.away, state.distance, state.nearest = 1, abs(error) / bound, error
    if state.away < _AWAY or state.distance < new_level:
        return 0.0
    state.level += state.nearest
    state.away, state.rest = 0, 0.0
    return state.nearest
