"""Reads the real load curves as hours: a household's four quantities, a steel works' three; None where not known."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

REAL = Path(__file__).parents[3] / "shared" / "real" / "load-curves"
#: What an hour of fewer minutes than these sums up to is no hourly mean.
_LEAST_VOLTS = 220
_HOUSEHOLD = {
    "household P": "Global_active_power",
    "household Q": "Global_reactive_power",
    "household U": "Voltage",
}
_STEEL = {"steel P": "Usage_kWh", "steel Q lagging": "Lagging_Current_Reactive.Power_kVarh"}
CURVES = (*_HOUSEHOLD, *_STEEL)

Curve = tuple[datetime, list[float | None]]


def curve(name: str) -> Curve:
    """(first hour, values)."""
    return _whole(_household(_HOUSEHOLD[name]) if name in _HOUSEHOLD else _steel(_STEEL[name]))


def _rows(path: str) -> Iterable[dict[str, str]]:
    with gzip.open(REAL / path, "rt", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _household(column: str) -> dict[datetime, float]:
    return {
        datetime.fromisoformat(row["datetime"]): float(row[column]) / 60
        for row in _rows("uci-household/household_hourly_2006-2010.csv.gz")
        if float(row["Voltage"]) / 60 > _LEAST_VOLTS
    }


def _steel(column: str) -> dict[datetime, float]:
    hours: dict[datetime, float] = defaultdict(float)
    for row in _rows("steel-industry/Steel_industry_data.csv.gz"):
        # A quarter is named by its end, but the last one of a day by its own date.
        end = datetime.strptime(row["date"], "%d/%m/%Y %H:%M")
        begin = end - timedelta(minutes=15) if (end.hour, end.minute) != (0, 0) else end + timedelta(hours=23.75)
        hours[begin.replace(minute=0)] += float(row[column])
    return dict(hours)


def _whole(known: dict[datetime, float]) -> Curve:
    first, last = min(known), max(known)
    count = int((last - first) / timedelta(hours=1)) + 1
    return first, [known.get(first + timedelta(hours=number)) for number in range(count)]
