"""Computes what is expected of a meter every six hours, from eight weeks of stored hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import inf
from zoneinfo import ZoneInfo

from collector.config.settings import ForecastSettings
from collector.insight.billing import billing_period
from collector.insight.forecast.estimate import USUAL, History
from collector.insight.forecast.hours import history, last_hour
from collector.insight.forecast.predict import Model, enough, learn, predict
from collector.insight.forecast.seasons import HOUR
from collector.insight.forecast.smoothing import Parameters
from collector.model import calendar
from collector.model.insight import Period, Replacement, ResultRow, Stored
from collector.model.quantity import QUANTITIES
from collector.model.tariff import Tariff

FORECAST, MODELS = "forecast_hour", "forecast_model"
#: Hours that are forecast at least; what counts is forecast to the end of the month and of the bill.
COMING = 60
#: How often a forecast is made anew, and the parameters estimated anew, ms.
_MADE_EVERY, _LEARNED_EVERY = 6 * HOUR, 7 * 24 * HOUR
#: Quantities of a meter whose parameters are estimated in one run: it takes some seconds each on a small machine.
_LEARNED = 4
#: What was forecast is kept so long, to be compared, ms.
_KEPT = 60 * 24 * HOUR
#: Later than any time.
_FAR = 1 << 42
#: Quantity -> when its models were estimated, and they.
_Known = dict[str, tuple[int, list[Model]]]


class Forecasts:
    """Implements `Calculation`: tables `forecast_hour` and `forecast_model`."""

    name = "forecast"
    follows = None

    def __init__(self, zone: ZoneInfo, settings: ForecastSettings, tariffs: Sequence[Tariff] = ()) -> None:
        self._zone = zone
        self._settings = settings
        self._tariffs = tariffs

    @property
    def fingerprint(self) -> str:
        """What the results depend on."""
        return repr(self._settings)

    def compute(self, stored: Stored, meter: str, days: Sequence[Period], now: int) -> Iterable[Replacement]:
        """A day that changed changes no forecast: the next one sees it."""
        return ()

    def refresh(self, stored: Stored, meter: str, now: int) -> Iterable[Replacement]:
        """A new forecast, six hours after the one before it."""
        begin = last_hour(now)
        coming = stored.results(FORECAST, meter, begin, _FAR)
        if any(_int(row["made"]) >= begin - begin % _MADE_EVERY for row in coming):
            return
        horizon = max(COMING, (self._until(meter, begin) - begin) // HOUR)
        known = history(stored, meter, now, self._zone, horizon)
        models = _models(stored.results(MODELS, meter, 0, _FAR))
        learned = _learn(known, models, now)
        rows: list[ResultRow] = []
        for name, past in known.items():
            if enough(past):
                count = horizon if QUANTITIES[name].counts else COMING
                rows.extend(self._rows(name, past, models.get(name, (0, []))[1], begin, count))
        yield Replacement(FORECAST, meter, begin, _FAR, rows)
        yield Replacement(FORECAST, meter, 0, begin - _KEPT, ())
        if learned:
            yield Replacement(MODELS, meter, 0, _FAR, list(_model_rows(models)))

    def _until(self, meter: str, begin: int) -> int:
        """The end of the month and of the bill that will be under way when the next forecast is made."""
        then = begin + _MADE_EVERY + HOUR
        bill = billing_period(self._tariffs, meter, then, self._zone)
        return max(calendar.local_month(then, self._zone)[1], bill.end)

    def _rows(self, name: str, past: History, models: Sequence[Model], begin: int, count: int) -> Iterable[ResultRow]:
        chosen = [self._set(model) for model in models] or [self._set(Model(False, USUAL, inf))]
        for hour, each in enumerate(predict(past, chosen, count)):
            told = {"value": each.value, "low": each.low, "high": each.high}
            yield {"time": begin + hour * HOUR, "quantity": name, **told, "made": begin}

    def _set(self, model: Model) -> Model:
        """A model with what the configuration sets."""
        set_, old = self._settings, model.parameters
        week = set_.week if model.weekly else None
        parameters = Parameters(
            level=_first(set_.level, old.level),
            day=_first(set_.day, old.day),
            week=_first(week, old.week),
            memory=_first(set_.memory, old.memory),
        )
        return replace(model, parameters=parameters)


def _first(given: float | None, estimated: float) -> float:
    return estimated if given is None else given


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def _learn(known: Mapping[str, History], models: _Known, now: int) -> bool:
    """Estimates anew what is oldest, a few at a time; whether anything was."""
    names = [name for name, past in known.items() if enough(past)]
    due = [name for name in names if models.get(name, (0, []))[0] <= now - _LEARNED_EVERY]
    due.sort(key=lambda name: models.get(name, (0, []))[0])
    for name in due[:_LEARNED]:
        models[name] = (now, learn(known[name]))
    return bool(due)


def _models(rows: Sequence[ResultRow]) -> _Known:
    found: _Known = {}
    for row in rows:
        number = {key: float(str(row[key])) for key in ("level", "day", "week", "memory")}
        error = inf if row["error"] is None else float(str(row["error"]))
        model = Model(row["season"] == "week", Parameters(**number), error)
        found.setdefault(str(row["quantity"]), (_int(row["time"]), []))[1].append(model)
    return found


def _model_rows(models: _Known) -> Iterable[ResultRow]:
    for name, (time, mine) in models.items():
        for model in mine:
            p, error = model.parameters, None if model.error == inf else model.error
            told = {"level": p.level, "day": p.day, "week": p.week, "memory": p.memory, "error": error}
            yield {"time": time, "quantity": name, "season": "week" if model.weekly else "day", **told}
