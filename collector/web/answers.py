"""Builds the JSON answers from stored values; knows nothing of HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from collector.model.event import Event
from collector.model.quantity import QUANTITIES, Quantity
from collector.model.series import Column, Resolution, Series
from collector.web.energy import Sums
from collector.web.language import gettext
from collector.web.live import Snapshot, Value
from collector.web.meters import Expected
from collector.web.site import Now
from collector.web.span import Span
from collector.web.wording import label

#: The one quantity that is told of meters whose values were not asked for.
HEADLINE = "active_power_total"

Json = dict[str, Any]


def live(now: Now, meters: Mapping[str, Expected], full: Sequence[str]) -> Json:
    """The newest values: all of the meters named in `full`, the headline of the others."""
    judged = now.verdict
    return {
        "now": now.snapshot.now,
        "state": {"level": judged.level.word, "line": judged.line, "hint": judged.hint, "more": judged.more},
        "collector": now.snapshot.status is not None,
        "meters": [_meter(now.snapshot, meter, meter.name in full) for meter in meters.values()],
    }


def _meter(snapshot: Snapshot, meter: Expected, full: bool) -> Json:
    values = snapshot.values.get(meter.name, {})
    shown = values if full else {name: value for name, value in values.items() if name == HEADLINE}
    return {
        "name": meter.name,
        "every": meter.every,
        "state": meter_state(snapshot, meter),
        "time": snapshot.newest(meter.name),
        "values": {name: _value(value) for name, value in shown.items()},
    }


def _value(value: Value) -> Json:
    return {"value": value.value, "time": value.time, "flags": int(value.flags)}


def meter_state(snapshot: Snapshot, meter: Expected) -> str:
    """`ok`, `silent`, `failing`, `starting`; `unknown` while the collector does not run."""
    states = {status.name: status.state for status in (snapshot.status.meters if snapshot.status else ())}
    return states.get(meter.name, "unknown")


def meters(found: Mapping[str, Expected]) -> Json:
    """The configured meters and what they may give."""
    return {"meters": [_described(meter) for meter in found.values()]}


def _described(meter: Expected) -> Json:
    return {
        "name": meter.name,
        "model": meter.settings.model,
        "title": meter.title,
        "line": meter.settings.line,
        "every": meter.every,
        "nominal_voltage": meter.settings.nominal_voltage,
        "nominal_frequency": meter.settings.nominal_frequency,
        "rated_apparent_power": meter.settings.rated_apparent_power,
        "quantities": [{"name": name, "period": period} for name, period in meter.periods.items()],
    }


def quantities() -> Json:
    """The closed list of quantities."""
    return {"quantities": [_quantity(quantity) for quantity in QUANTITIES.values()]}


def _quantity(quantity: Quantity) -> Json:
    return {
        "name": quantity.name,
        "label": label(quantity.name),
        "unit": quantity.unit,
        "kind": quantity.kind.value,
        "description": quantity.description,
    }


def series(found: Series, names: Sequence[str], span: Span, every: float) -> Json:
    """Parallel lists: `times` and, per quantity, what is stored at each; null is a gap."""
    return {
        "meter": found.meter,
        "resolution": found.resolution.value,
        "step": int((found.resolution.seconds or every) * 1000),
        "from": span.start,
        "to": span.end,
        "times": list(found.times),
        "flags": list(found.flags),
        "quantities": [_column(found, name) for name in names],
    }


def _column(found: Series, name: str) -> Json:
    column = found.columns.get(name) or Column([None] * len(found.times))
    answer = {**_quantity(QUANTITIES[name]), "value": list(column.value)}
    if found.resolution is not Resolution.RAW:
        parts = ("increase",) if QUANTITIES[name].counts else ("minimum", "maximum")
        answer |= {part: list(getattr(column, part)) or [None] * len(found.times) for part in parts}
    return answer


def events(found: Sequence[Event]) -> Json:
    """The newest first."""
    return {"events": [{"time": e.time, "kind": e.kind, "meter": e.meter, "message": e.message} for e in found]}


def summed(found: Sums) -> Json:
    """The energy of one kind."""
    unit = QUANTITIES[found.quantity].unit
    parts = {"today": found.today, "yesterday": found.yesterday, "month": found.month}
    return {"quantity": found.quantity, "label": gettext(found.label), "unit": unit, **parts}
