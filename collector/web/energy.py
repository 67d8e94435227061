"""Adds up energy: today, yesterday and this month of the site's calendar, from the store's accepted increments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from collector.model.ports import StoreReader
from collector.model.series import Resolution, Series
from collector.web.span import begins, local_day, ms, stepped

#: What is added up, and what it is called.
SUMMED = {
    "active_energy_import": "Import",
    "active_energy_export": "Export",
    "active_energy_net": "Balance",
    "active_energy_sum": "Import and export",
}


@dataclass(frozen=True, slots=True)
class Sums:
    """Energy of one quantity in its unit (Wh); None where nothing is stored."""

    quantity: str
    label: str
    today: float | None
    yesterday: float | None
    month: float | None


def _added(*parts: float | None) -> float | None:
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def _within(series: Series, quantity: str, start: int, end: int) -> float | None:
    column = series.columns.get(quantity)
    if column is None:
        return None
    pairs = zip(series.times, column.increase, strict=True)
    return _added(*(increase for at, increase in pairs if start <= at < end))


def sums(store: StoreReader, meter: str, quantities: Sequence[str], now: int, zone: ZoneInfo) -> list[Sums]:
    """The sums of one meter. Today and yesterday come from minutes, which are there as soon as a reading is."""
    today = local_day(now, zone)
    yesterday, month, end = ms(stepped(today, "day", -1)), ms(begins(now, "month", zone)), ms(stepped(today, "day", 1))
    minutes = store.series(meter, quantities, yesterday, end, Resolution.MINUTE)
    days = store.series(meter, quantities, month, yesterday, Resolution.DAY) if month < yesterday else None
    found = []
    for name in quantities:
        of_today = _within(minutes, name, ms(today), end)
        of_yesterday = _within(minutes, name, yesterday, ms(today))
        before = _within(days, name, month, yesterday) if days else None
        of_month = _added(of_today, of_yesterday if month <= yesterday else None, before)
        if _added(of_today, of_yesterday, of_month) is not None:
            found.append(Sums(name, SUMMED[name], of_today, of_yesterday, of_month))
    return found
