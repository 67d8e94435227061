"""Chooses the parameters that would have forecast the past best: 24 h ahead, from many moments, least mean error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf
from statistics import fmean

from collector.insight.forecast.simplex import Point, minimum
from collector.insight.forecast.smoothing import Parameters, Places, State, Values, Way, follow
from collector.insight.forecast.start import floor_of, start

#: An error beyond so many times the usual one counts as that much.
LIMIT = 3.0
#: So many of these limits together, on one side, are a new level: three hours of a turbine on another nozzle, twenty
#: limits off each, but not the day of a works that rests on a holiday.
NEW_LEVEL = 60.0
#: Hours between two moments of forecast: prime to 24, so that every hour of the day has its turn.
STRIDE = 7
#: Where the search begins (level, day, memory, week): one that follows slowly, one that follows fast.
_BEGIN: Sequence[Point] = ((-5.0, -2.0, 1.5, -1.0), (-3.0, -2.5, 0.0, -2.0))
_STEP = 1.5
_CALLS = 60
#: The most of an error that goes into level, day, memory and week.
_MOST = (0.5, 0.6, 1.0, 0.9)
#: What is taken while there is too little to choose from.
USUAL = Parameters(level=0.02, day=0.1, memory=0.5)


@dataclass(frozen=True, slots=True)
class History:
    """The known past, hour by hour, with the places of its hours and of those to come."""

    values: Values
    places: Places

    @property
    def learning(self) -> int:
        """Hours at the beginning that the first state is guessed from: two weeks, or half of what there is."""
        return min(336, len(self.values) // 2)

    def begin(self, *, weekly: bool) -> State:
        """The state before the first hour."""
        first = self.values[: self.learning]
        known = any(value is not None for value in first)
        state = start(first if known else self.values, self.places, weekly=weekly)
        # What rested in those weeks and runs since must not be taken for wild.
        state.floor = max(state.floor, floor_of(self.values))
        return state

    @property
    def origins(self) -> range:
        """The moments of forecast."""
        return range(self.learning, len(self.values) - 1, STRIDE)


def estimate(history: History, *, weekly: bool) -> tuple[Parameters, float]:
    """The parameters, and the mean error of their forecasts over 24 h (infinite when there was nothing to compare)."""
    begin = history.begin(weekly=weekly)
    size = 4 if weekly else 3

    def wrong(point: Point) -> float:
        return error_of(history, _parameters(point), begin)

    if wrong(_BEGIN[0]) == inf:
        return USUAL, inf
    error, best = min((minimum(wrong, point[:size], _STEP, _CALLS) for point in _BEGIN), key=lambda found: found[0])
    return _parameters(best), error


def error_of(history: History, parameters: Parameters, begin: State) -> float:
    """The mean error of forecasts over 24 h with these parameters."""
    way = Way(LIMIT, NEW_LEVEL, history.origins)
    wrong = follow(begin.copy(), parameters, history.values, history.places, way)
    sizes = [abs(error) for each in wrong for error in each if error is not None]
    return fmean(sizes) if sizes else inf


def _parameters(point: Point) -> Parameters:
    """A point of the search as shares: each between nothing and its most."""
    shares = [most / (1 + exp(-max(-50.0, min(50.0, part)))) for part, most in zip(point, _MOST, strict=False)]
    level, day, memory = shares[:3]
    return Parameters(level=level, day=day, memory=memory, week=shares[3] if len(shares) > 3 else 0.0)
