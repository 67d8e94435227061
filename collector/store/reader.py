"""Reads what is stored: the page's side of the store, SELECT only, safe from several threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

from collector.errors import SchemaOutdated
from collector.model.event import PAGE_KIND, Event
from collector.model.insight import MarketPrice, PriceList, ResultRow
from collector.model.quantity import QUANTITIES
from collector.model.reading import Flag, Reading
from collector.model.series import Column, Latest, Resolution, Series, StoreStatus
from collector.store import results
from collector.store.buckets import QUARTER
from collector.store.columns import RAW, rollup_columns
from collector.store.database import Database, Row
from collector.store.lately import Lately

#: Readings fetched at once by `rows`.
CHUNK = 2000
#: UTC ms that no event is younger than: the year 2200.
_END = 7_258_118_400_000
#: The first word that sorts behind all kinds of what people do.
_AFTER_PAGE_KIND = PAGE_KIND[:-1] + chr(ord(PAGE_KIND[-1]) + 1)


class Reader:
    """Implements `StoreReader` on either database; each thread has a connection of its own."""

    def __init__(self, connect: Callable[[], Database], describe: Callable[[Database], StoreStatus]) -> None:
        """Connects at once, so that a missing database is noticed here."""
        self._connect = connect
        self._describe = describe
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._all: list[Database] = []
        self._database()

    def _database(self) -> Database:
        database: Database | None = getattr(self._mine, "database", None)
        if database is None:
            database = self._connect()
            self._mine.database, self._mine.lately = database, Lately(database)
            with self._lock:
                self._all.append(database)
        return database

    def latest(self) -> Sequence[Latest]:
        """The newest stored value of every quantity of every meter, in the order of the closed list."""
        database = self._database()
        found = database.select(
            f"SELECT name, quantity, {database.ms('time')}, value FROM latest_value"
            " JOIN meter ON meter.id = latest_value.meter_id"
        )
        order = {name: number for number, name in enumerate(QUANTITIES)}
        known = [Latest(*row) for row in found if row[1] in order]
        return sorted(known, key=lambda each: (each.meter, order[each.quantity]))

    def series(self, meter: str, quantities: Sequence[str], start: int, end: int, resolution: Resolution) -> Series:
        """Values of [start, end) (UTC ms). Unknown quantities have no column."""
        database = self._database()
        if resolution is Resolution.RAW:
            return self._raw(database, meter, quantities, (start, end))
        table = f"reading_{resolution.value}"
        names = self._known(table, quantities)
        columns = [column for name in names for column, _ in rollup_columns(name) if not column.endswith("_count")]
        found = self._range(database, table, meter, columns, (start, end))
        times, flags, *values = _transposed(found, 2 + len(columns))
        by_column = dict(zip(columns, values, strict=True))
        return Series(meter, resolution, times, {name: _column(name, by_column) for name in names}, flags)

    def _raw(self, database: Database, meter: str, quantities: Sequence[str], window: tuple[int, int]) -> Series:
        names = self._known(RAW, quantities)
        found = self._range(database, RAW, meter, names, window)
        times, flags, *values = _transposed(found, 2 + len(names))
        columns = {name: Column(value) for name, value in zip(names, values, strict=True)}
        return Series(meter, Resolution.RAW, times, columns, flags)

    def _lately(self) -> Lately:
        self._database()
        lately: Lately = self._mine.lately
        return lately

    def _known(self, table: str, quantities: Sequence[str]) -> list[str]:
        """Those of the quantities that have columns in this table."""
        have = self._lately().quantities(table)
        if have is None:
            raise SchemaOutdated(f"table {table} is missing", "phaselog db migrate")
        return [name for name in dict.fromkeys(quantities) if name in have]

    def _range(
        self, database: Database, table: str, meter: str, columns: Sequence[str], window: tuple[int, int]
    ) -> list[Row]:
        values = "".join(f", {database.exact(column)}" for column in columns)
        where = "meter_id = ? AND time >= ? AND time < ? ORDER BY time"
        sql = f"SELECT {database.ms('time')}, flags{values} FROM {table} WHERE {where}"
        meter_id = self._lately().meter_id(meter)
        if meter_id is None:
            return []
        return database.select(sql, (meter_id, database.moment(window[0]), database.moment(window[1])))

    def rows(self, meter: str, quantities: Sequence[str], start: int, end: int) -> Iterator[Reading]:
        """Every stored reading of [start, end) in order of time, a chunk at a time."""
        database = self._database()
        names = self._known(RAW, quantities)
        meter_id = self._lately().meter_id(meter)
        values = "".join(f", {database.exact(name)}" for name in names)
        sql = (
            f"SELECT {database.ms('time')}, flags{values} FROM {RAW} WHERE meter_id = ? AND time >= ? AND time < ?"
            f" ORDER BY time LIMIT {CHUNK}"
        )
        while meter_id is not None:
            found = self._database().select(sql, (meter_id, database.moment(start), database.moment(end)))
            for time, flags, *row in found:
                yield Reading(meter, time, dict(zip(names, row, strict=True)), Flag(flags))
            if len(found) < CHUNK:
                return
            start = found[-1][0] + 1

    def events(self, limit: int = 100, before: int | None = None, *, page: bool = False) -> Sequence[Event]:
        """The newest events first: what happened to the logger, or (`page`) what people did at its page."""
        database = self._database()
        # A key leads to each: to the few that are people's by their kind, to the many others by their time.
        which = "kind >= ? AND kind < ?" if page else f"kind NOT LIKE '{PAGE_KIND}%'"
        sql = (
            f"SELECT {database.ms('time')}, kind, message, meter FROM event WHERE event.time < ? AND {which}"
            f" ORDER BY event.time DESC, kind, meter LIMIT {int(limit)}"
        )
        latest = database.moment(_END if before is None else before)
        found = database.select(sql, (latest, *((PAGE_KIND, _AFTER_PAGE_KIND) if page else ())))
        return [Event(time, kind, message, meter or None) for time, kind, message, meter in found]

    def known_at(self, meter: str, quantities: Sequence[str], time: int, *, later: bool) -> int | None:
        """Start of the last quarter before this moment, or of the first at or after it, that has one of the values."""
        names = self._known(QUARTER.table, quantities)
        return results.known_at(self._database(), meter, names, time, later=later)

    def results(self, table: str, meter: str, start: int, end: int) -> Sequence[ResultRow]:
        """Rows of a result table whose `time` is in [start, end), in the order of its key."""
        return results.results(self._database(), table, meter, start, end)

    def prices(self, source: str, start: int, end: int) -> Sequence[MarketPrice]:
        """What is known of a source's prices in [start, end), in order of time."""
        return results.prices(self._database(), source, start, end)

    def price_list(self, source: str) -> PriceList | None:
        """How it stands with a source of prices; None when it was never asked."""
        return results.price_list(self._database(), source)

    def status(self) -> StoreStatus:
        """Version, size, first and last reading, what is missing."""
        return self._describe(self._database())

    def close(self) -> None:
        """Closes the connections."""
        with self._lock:
            for database in self._all:
                database.close()
            self._all.clear()
        self._mine = threading.local()


def _transposed(rows: Sequence[Row], width: int) -> list[Sequence[int]]:
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _column(name: str, values: dict[str, Sequence[int]]) -> Column:
    if QUANTITIES[name].counts:
        return Column(values[f"{name}_last"], increase=values[f"{name}_increase"])
    return Column(values[f"{name}_mean"], values[f"{name}_min"], values[f"{name}_max"])
