"""Prepares the room "forecast": what is expected of a meter in the next two days, and what was not as usual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from collector.errors import UsageError
from collector.insight.forecast.remaining import expected_energy
from collector.model.calendar import instant, local_month
from collector.model.insight import ResultRow, Stored
from collector.model.quantity import QUANTITIES
from collector.model.series import Resolution
from collector.web.forecast_chart import HOUR_MS, Drawing, drawing
from collector.web.history_view import Link
from collector.web.language import gettext, language, marked
from collector.web.meters import Expected
from collector.web.question import Arguments
from collector.web.wording import figure, label, number, rough, scale_for

BEFORE, AFTER = 48 * HOUR_MS, 48 * HOUR_MS
#: How far back anomalies are listed, ms.
_LISTED = 90 * 24 * HOUR_MS
_FAR = 1 << 42
_COUNTER = "active_energy_import"
_KINDS = {
    ("spike", True): marked("%(what)s was far higher than ever at this hour"),
    ("spike", False): marked("%(what)s was far lower than ever at this hour"),
    ("step", True): marked("%(what)s is up by %(much)s since %(day)s: something more is on"),
    ("step", False): marked("%(what)s is down by %(much)s since %(day)s: something is off"),
    ("drift", True): marked("%(what)s has been rising slowly since %(day)s, %(much)s on the mean"),
    ("drift", False): marked("%(what)s has been falling slowly since %(day)s, %(much)s on the mean"),
    ("base", True): marked("Base load up %(much)s since %(day)s (%(what)s): something runs that is never switched off"),
    ("base", False): marked("Base load down %(much)s since %(day)s (%(what)s): something that always ran is off"),
    ("stuck", True): marked("%(what)s has not moved since %(day)s: the meter or its converter may hang"),
    ("stuck", False): marked("%(what)s has not moved since %(day)s: the meter or its converter may hang"),
}


@dataclass(frozen=True, slots=True)
class Hour:
    """One line of the table."""

    time: int
    expected: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Odd:
    """One anomaly in words."""

    time: int
    until: int
    lasting: bool
    text: str
    kwh: str
    amount: str
    href: str


@dataclass(frozen=True, slots=True)
class ForecastView:
    """All that the template shows. `drawing` is None where nothing is forecast."""

    meter: Expected
    quantity: str
    quantities: Sequence[Link]
    unit: str
    drawing: Drawing | None
    hours: Sequence[Hour]
    made: int | None
    rest: str | None
    odd: Sequence[Odd]


def asked_quantity(arguments: Arguments, meter: Expected) -> str:
    """The quantity that the address asks for, or the most telling one of the meter."""
    wanted = arguments.get("quantity")
    if wanted is not None and wanted not in meter.quantities:
        raise UsageError(f"quantity: {meter.name} has no {wanted[:40]!r}", "one of /api/meters")
    best = next((name for name in ("active_power_total", "active_energy_import") if name in meter.quantities), None)
    return wanted or best or next(iter(meter.quantities), "active_power_total")


def told_between(stored: Stored, meter: str, start: int, end: int, quantity: str | None = None) -> list[ResultRow]:
    """What is, or was, expected of the hours of [start, end)."""
    rows = stored.results("forecast_hour", meter, start, end)
    return [row for row in rows if quantity in {None, row["quantity"]}]


def forecast_view(stored: Stored, meter: Expected, quantity: str, now: int, zone: ZoneInfo) -> ForecastView:
    """The room at this moment."""
    rows = told_between(stored, meter.name, now - BEFORE, now + AFTER, quantity)
    told = [(_int(row["time"]), _float(row["value"]), _float(row["low"]), _float(row["high"])) for row in rows]
    series = stored.series(meter.name, [quantity], now - BEFORE, now - now % HOUR_MS, Resolution.HOUR)
    column = series.columns.get(quantity)
    values = (column.increase if QUANTITIES[quantity].counts else column.value) if column else ()
    measured = [(time, value) for time, value in zip(series.times, values, strict=False) if value is not None]
    unit = QUANTITIES[quantity].unit
    scale = scale_for(unit, [high for *_, high in told])
    hours = [
        Hour(time, *("".join(figure(each, scale)) for each in (value, low, high)))
        for time, value, low, high in told
        if time + HOUR_MS > now
    ]
    links = [
        Link(label(name), "/forecast?" + urlencode({"meter": meter.name, "quantity": name}), name == quantity)
        for name in meter.quantities
    ]
    made = max((_int(row["made"]) for row in rows), default=None)
    picture = drawing(told, measured, now, scale) if told else None
    return ForecastView(
        meter,
        quantity,
        links,
        scale.unit(unit),
        picture,
        hours,
        made,
        _rest(stored, meter, now, zone),
        _odd(stored, meter.name, now, zone),
    )


def _rest(stored: Stored, meter: Expected, now: int, zone: ZoneInfo) -> str | None:
    """kWh that are expected until the month ends."""
    if _COUNTER not in meter.quantities:
        return None
    rest = expected_energy(stored, meter.name, _COUNTER, now, local_month(now, zone)[1])
    return None if rest is None else f"{number(rest / 1000, 0)} kWh"


def _odd(stored: Stored, meter: str, now: int, zone: ZoneInfo) -> list[Odd]:
    found = []
    for row in reversed(stored.results("anomaly", meter, now - _LISTED, _FAR)):
        time, until = _int(row["time"]), _int(row["until"])
        kwh, amount = row["kwh"], row["amount"]
        query = urlencode({"meter": meter, "quantity": row["quantity"], "from": time - 48 * HOUR_MS, "to": until})
        found.append(
            Odd(
                time,
                until,
                bool(row["lasting"]),
                sentence_of(row, zone),
                f"{number(_float(kwh), 1)} kWh" if kwh is not None else "",
                f"{number(_float(amount), 2)} {row['currency']}" if amount is not None else "",
                "/history?" + query,
            )
        )
    return found


def sentence_of(row: ResultRow, zone: ZoneInfo) -> str:
    """What an anomaly looks like, in one sentence."""
    name, more = str(row["quantity"]), _float(row["difference"])
    unit = QUANTITIES[name].unit if name in QUANTITIES else ""
    much = rough(abs(more), unit)
    day = language().date(instant(_int(row["time"])).astimezone(zone))
    return gettext(_KINDS[str(row["kind"]), more >= 0], what=label(name), much=much, day=day)


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def _float(value: object) -> float:
    assert isinstance(value, (int, float))
    return float(value)
