"""Adds up energy: today, yesterday and this month of the site's calendar, from the store's accepted increments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from collector.model.ports import StoreReader
from collector.model.quantity import TARIFFS
from collector.model.series import Resolution, Series
from collector.web.language import marked
from collector.web.span import begins, local_day, ms, stepped

#: What is added up, and what it is called.
SUMMED = {
    "active_energy_import": marked("Import"),
    "active_energy_export": marked("Export"),
    "active_energy_net": marked("Balance"),
    "active_energy_sum": marked("Import and export"),
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


def parts(quantities: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Sum -> the counters that it is added up from: the total, or the tariffs of a meter that counts no total."""
    have = set(quantities)
    tariffs = {name: tuple(f"{name}_{tariff}" for tariff in TARIFFS if f"{name}_{tariff}" in have) for name in SUMMED}
    found = {name: (name,) if name in have else tariffs[name] for name in SUMMED}
    return {name: counters for name, counters in found.items() if counters}


def _within(series: Series, counters: Iterable[str], start: int, end: int) -> float | None:
    columns = [series.columns[counter] for counter in counters if counter in series.columns]
    pairs = [pair for column in columns for pair in zip(series.times, column.increase, strict=True)]
    return _added(*(increase for at, increase in pairs if start <= at < end))


def sums(store: StoreReader, meter: str, summed: Mapping[str, tuple[str, ...]], now: int, zone: ZoneInfo) -> list[Sums]:
    """The sums of one meter (`summed`: see `parts`).

    Today and yesterday come from minutes, which are there as soon as a reading is.
    """
    today = local_day(now, zone)
    yesterday, month, end = ms(stepped(today, "day", -1)), ms(begins(now, "month", zone)), ms(stepped(today, "day", 1))
    quantities = [counter for counters in summed.values() for counter in counters]
    minutes = store.series(meter, quantities, yesterday, end, Resolution.MINUTE)
    days = store.series(meter, quantities, month, yesterday, Resolution.DAY) if month < yesterday else None
    found = []
    for name, counters in summed.items():
        of_today = _within(minutes, counters, ms(today), end)
        of_yesterday = _within(minutes, counters, yesterday, ms(today))
        before = _within(days, counters, month, yesterday) if days else None
        of_month = _added(of_today, of_yesterday if month <= yesterday else None, before)
        if _added(of_today, of_yesterday, of_month) is not None:
            found.append(Sums(name, SUMMED[name], of_today, of_yesterday, of_month))
    return found
