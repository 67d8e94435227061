"""Tells which energy is expected until a bill ends, band by band, from the stored forecast of the counters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from collector.insight.banding import banded
from collector.insight.bill_lines import Energy
from collector.insight.energy import row
from collector.insight.forecast.seasons import HOUR
from collector.insight.quarters import PARTS, Quarter, counters, quarter_of
from collector.model import calendar
from collector.model.calendar import QUARTER
from collector.model.insight import Period, ResultRow, Stored
from collector.model.tariff import ZERO, Tariff

#: (energy, what of it has no price, what the rest costs) of both directions.
_PRICED = (("import_kwh", "unpriced_kwh", "market_import"), ("export_kwh", "unpriced_export_kwh", "market_export"))


def coming_energy(stored: Stored, meter: str, tariff: Tariff, left: Period, zone: ZoneInfo) -> list[Energy] | None:
    """What is expected of the rest of a bill; None when the forecast does not know all of its hours."""
    start, end = left.start, left.end
    hours = _hours(stored, meter, start, end)
    given = [latest.quantity for latest in stored.latest() if latest.meter == meter]
    told = counters(given, registers=bool(tariff.registers))
    whole = range(start - start % HOUR, end, HOUR)
    if not told.active or any(name not in hours.get(hour, {}) for hour in whole for name in told.active):
        return None
    by_day: dict[date, list[Quarter]] = defaultdict(list)
    for at in range(start + -start % QUARTER, end, QUARTER):
        shares = {name: (_share(value), False) for name, value in hours[at - at % HOUR].items()}
        by_day[calendar.local_date(at, zone)].append(quarter_of(at, shares, told))
    return [
        Energy(day, {"tariff": tariff.name, "band": band, **row(figures), "peak_kw": None})
        for day, quarters in by_day.items()
        for band, figures in banded(stored, tariff, day, zone, quarters).items()
    ]


def _hours(stored: Stored, meter: str, start: int, end: int) -> Mapping[int, Mapping[str, float]]:
    """Start of an hour -> quantity -> Wh or varh that are expected of it; of a power W, which is the same."""
    found: dict[int, dict[str, float]] = defaultdict(dict)
    for each in stored.results("forecast_hour", meter, start - start % HOUR, end):
        found[int(str(each["time"]))][str(each["quantity"])] = float(str(each["value"]))
    return found


def _share(hour: float) -> int:
    """A quarter's part of an hour's energy, in thousandths."""
    return round(hour * PARTS * QUARTER / HOUR)


def at_usual_prices(coming: Sequence[Energy], known: Sequence[Energy]) -> list[Energy]:
    """What has no market price yet, at the mean of what has one; it stays without where nothing has."""
    rows = [dict(each.row) for each in coming]
    for energy, unpriced, market in _PRICED:
        price = _mean([*(each.row for each in known), *rows], energy, unpriced, market)
        for each in rows if price is not None else ():
            each.update(_priced(each, unpriced, market, price or ZERO))
    return [Energy(each.day, row) for each, row in zip(coming, rows, strict=True)]


def _mean(rows: Sequence[ResultRow], energy: str, unpriced: str, market: str) -> Decimal | None:
    priced = [each for each in rows if each[market] is not None]
    kwh = sum((_decimal(each[energy]) - _decimal(each[unpriced]) for each in priced), ZERO)
    return sum((_decimal(each[market]) for each in priced), ZERO) / kwh if kwh else None


def _priced(each: ResultRow, unpriced: str, market: str, price: Decimal) -> Mapping[str, Decimal | None]:
    if each[unpriced] is None:
        return {}
    return {market: _decimal(each[market]) + _decimal(each[unpriced]) * price, unpriced: None}


def _decimal(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else ZERO
