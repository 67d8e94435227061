"""A store in memory for the calculations: quarters as given, results as they came; and what runs them to the end."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from collector.insight.bill import Bill
from collector.insight.energy import Energy
from collector.model import calendar
from collector.model.calendar import QUARTER
from collector.model.insight import MarketPrice, Period, Replacement, ResultRow
from collector.model.series import Column, Latest, Resolution, Series
from collector.model.tariff import Tariff

METER = "house"


class Memory:
    """`quarters`: quantity -> start (UTC ms) -> increase (None: a quarter without a value)."""

    def __init__(self, quarters: Mapping[str, Mapping[int, float]], flags: Mapping[int, int] | None = None) -> None:
        self.quarters = {name: dict(values) for name, values in quarters.items()}
        self.flags = dict(flags or {})
        self._order: dict[str, list[int]] = {}
        self.tables: dict[str, list[ResultRow]] = defaultdict(list)
        self.market: list[MarketPrice] = []

    def latest(self) -> Sequence[Latest]:
        return [Latest(METER, name, max(values), 0.0) for name, values in self.quarters.items() if values]

    def known_at(self, meter: str, quantities: Sequence[str], time: int, *, later: bool) -> int | None:
        found = [self._nearest(name, time, later) for name in quantities]
        return (min if later else max)((at for at in found if at is not None), default=None)

    def _nearest(self, name: str, time: int, later: bool) -> int | None:
        known = self._sorted(name)
        place = bisect_left(known, time)
        return (known[place] if place < len(known) else None) if later else (known[place - 1] if place else None)

    def _sorted(self, name: str) -> list[int]:
        values = self.quarters.get(name, {})
        if len(self._order.get(name, ())) != len(values):
            self._order[name] = sorted(values)
        return self._order[name] if values else []

    def series(self, meter: str, quantities: Sequence[str], start: int, end: int, resolution: Resolution) -> Series:
        assert resolution is Resolution.QUARTER
        names = [name for name in quantities if name in self.quarters]
        known = {at for name in names for at in self._within(name, start, end)}
        times = sorted(known | {at for at in self.flags if start <= at < end})
        values = {name: [self.quarters[name].get(at) for at in times] for name in names}
        columns = {name: Column(found, increase=found) for name, found in values.items()}
        return Series(meter, resolution, times, columns, [self.flags.get(at, 0) for at in times])

    def _within(self, name: str, start: int, end: int) -> list[int]:
        known = self._sorted(name)
        return known[bisect_left(known, start) : bisect_left(known, end)]

    def results(self, table: str, meter: str, start: int, end: int) -> Sequence[ResultRow]:
        return [row for row in self.tables[table] if start <= int(str(row["time"])) < end]

    def prices(self, source: str, start: int, end: int) -> Sequence[MarketPrice]:
        return [price for price in self.market if price.start < end and price.end > start]

    def take(self, results: Iterable[Replacement]) -> set[int]:
        """Stores results; the days that have others now."""
        changed = set()
        for result in results:
            there = _by_time(self.results(result.table, result.meter, result.start, result.end))
            new = _by_time(result.rows)
            changed |= {at for at in there.keys() | new.keys() if there.get(at) != new.get(at)}
            kept = [row for row in self.tables[result.table] if not result.start <= row["time"] < result.end]
            order = [str(name) for name in ("time", "tariff", "number", "band", "kind", "label")]
            self.tables[result.table] = sorted(
                [*kept, *result.rows], key=lambda row: [str(row.get(name, "")).zfill(14) for name in order]
            )
        return changed

    def everything(self) -> dict[str, list[ResultRow]]:
        return {name: list(rows) for name, rows in self.tables.items() if rows}


def compute(store: Memory, zone: ZoneInfo, tariffs: Sequence[Tariff], days: Iterable[int], now: int) -> None:
    """Energy of the days that hold these moments, then the bills of what changed, as the job does it."""
    periods = sorted({Period(*calendar.local_day(day, zone)) for day in days}, key=lambda day: -day.start)
    changed = store.take(Energy(zone, tariffs).compute(store, METER, periods, now))
    bill = Bill(zone, tariffs)
    following = sorted({calendar.local_day(day, zone) for day in (*changed, *(day.start for day in periods))})
    store.take(bill.compute(store, METER, [Period(*day) for day in following], now))
    store.take(bill.refresh(store, METER, now))


def _by_time(rows: Iterable[ResultRow]) -> dict[int, list[ResultRow]]:
    found: dict[int, list[ResultRow]] = defaultdict(list)
    for row in rows:
        found[row["time"]].append(row)
    return found


def all_days(store: Memory) -> list[int]:
    """A moment of each day of which anything is stored."""
    return sorted({at - at % (24 * QUARTER) for values in store.quarters.values() for at in values})
