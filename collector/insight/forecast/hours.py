"""Reads the past hours of a meter: means of gauges, increases of counters; an hour that is not known stays a gap."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from collector.insight.forecast.estimate import History
from collector.insight.forecast.seasons import HOUR, WEEK_HOURS, places
from collector.model.insight import Stored
from collector.model.quantity import QUANTITIES
from collector.model.series import Column, Resolution

#: Hours that are looked back: eight weeks.
PAST = 8 * WEEK_HOURS
#: An hour is complete when its last readings had time to come, ms.
SETTLED = 300_000
#: Quantities of a meter that are looked at, the powers and energies first.
_MOST = 40
_FIRST = ("active_power_total", "active_energy_import", "active_energy_export", "active_energy_net", "frequency")


def _names(stored: Stored, meter: str) -> list[str]:
    """The quantities of a meter, the important ones first."""
    given = [latest.quantity for latest in stored.latest() if latest.meter == meter and latest.quantity in QUANTITIES]
    return sorted(given, key=lambda name: name not in _FIRST)[:_MOST]


def last_hour(now: int) -> int:
    """End of the last complete hour."""
    return (now - SETTLED) // HOUR * HOUR


def history(stored: Stored, meter: str, now: int, zone: ZoneInfo, ahead: int) -> dict[str, History]:
    """Quantity -> its hours from the first known one on, with the places of so many hours to come."""
    end = last_hour(now)
    start = end - PAST * HOUR
    series = stored.series(meter, _names(stored, meter), start, end, Resolution.HOUR)
    times = range(start, end + ahead * HOUR, HOUR)
    where = places(times, zone)
    found = {}
    for name, column in series.columns.items():
        known = dict(zip(series.times, _values(name, column), strict=True))
        values = [known.get(time) for time in times[:PAST]]
        first = next((hour for hour, value in enumerate(values) if value is not None), PAST)
        if first < PAST:
            found[name] = History(values[first:], where.since(first))
    return found


def _values(name: str, column: Column) -> Sequence[float | None]:
    return column.increase if QUANTITIES[name].counts else column.value
