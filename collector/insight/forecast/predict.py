"""Forecasts a quantity from its history: a model of the day and one of day and week, each heard as it was right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from collector.insight.forecast.band import AHEAD, band
from collector.insight.forecast.estimate import LIMIT, NEW_LEVEL, History, estimate
from collector.insight.forecast.same import same
from collector.insight.forecast.seasons import DAY_HOURS, WEEK_HOURS
from collector.insight.forecast.smoothing import Parameters, Way, follow, look_ahead

#: Known hours below which there is no forecast.
LEAST_HOURS = DAY_HOURS
#: Hours of history from which the week is told apart.
WEEKLY_HOURS = 2 * WEEK_HOURS + 2 * DAY_HOURS
#: The part of what comes that the band shall hold.
SHARE = 0.95
#: How much more the better model is heard.
_SHARPNESS = 20


@dataclass(frozen=True, slots=True)
class Model:
    """One way to see the past. `weekly`: tells the days of the week apart; `error`: its mean error 24 h ahead."""

    weekly: bool
    parameters: Parameters
    error: float


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected in an hour, and between what it should lie."""

    value: float
    low: float
    high: float


def enough(history: History) -> bool:
    """Whether there is enough to forecast from: a day."""
    return sum(value is not None for value in history.values) >= LEAST_HOURS


def learn(history: History) -> list[Model]:
    """The models that this much history allows."""
    kinds = (False, True) if len(history.values) >= WEEKLY_HOURS else (False,)
    return [Model(weekly, *estimate(history, weekly=weekly)) for weekly in kinds]


def predict(history: History, models: Sequence[Model], count: int) -> list[Expected]:
    """What is expected in the hours after the history, over which its places reach."""
    size, places = len(history.values), history.places
    ahead, missed = _heard(history, models, count)
    spans = [places.day[origin : origin + AHEAD] for origin in history.origins]
    around = band(missed, spans, SHARE)
    known = [value for value in history.values if value is not None]
    lowest, highest = min(known), max(known)
    least, most = (0.0 if lowest >= 0 else -inf), (0.0 if highest <= 0 else inf)
    found, mostly = [], same(history)
    for number, value in enumerate(ahead):
        day, week = places.day[size + number], places.week[size + number]
        low, high = around.around(value, day, number + 1)
        # Beyond what was ever seen the band may reach, but nothing is expected there.
        usual = max(lowest, min(highest, value))
        settled = mostly.at(day, week)
        if settled is not None and low <= settled <= high:
            usual = settled
        low, high = (max(least, min(most, edge)) for edge in (min(low, usual), max(high, usual)))
        found.append(Expected(usual, low, high))
    return found


def _heard(history: History, models: Sequence[Model], count: int) -> tuple[list[float], list[list[float | None]]]:
    """The mean of what the models expect, and what was wrong with that mean at each origin."""
    best = min(model.error for model in models) or 1e-12
    weights = [(best / (model.error or 1e-12)) ** _SHARPNESS if model.error != inf else 1.0 for model in models]
    ahead, way = [0.0] * count, Way(LIMIT, NEW_LEVEL, history.origins, AHEAD)
    sums: list[list[float | None]] = [[0.0] * AHEAD for _ in history.origins]
    for model, weight in zip(models, weights, strict=True):
        share = weight / sum(weights)
        state = history.begin(weekly=model.weekly)
        wrong = follow(state, model.parameters, history.values, history.places, way)
        expected = look_ahead(state, model.parameters, history.places, len(history.values), count)
        ahead = [a + share * b for a, b in zip(ahead, expected, strict=True)]
        sums = [_plus(a, b, share) for a, b in zip(sums, wrong, strict=True)]
    return ahead, sums


def _plus(sums: Sequence[float | None], parts: Sequence[float | None], share: float) -> list[float | None]:
    """Adds a share; what is not known in one is not known in the sum."""
    return [None if a is None or b is None else a + share * b for a, b in zip(sums, parts, strict=False)]
