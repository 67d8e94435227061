"""Reads results of calculations, prices, and where a meter's quarters begin and end: SELECT only."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from collector.model.insight import MarketPrice, PriceList, ResultRow
from collector.store.buckets import QUARTER
from collector.store.columns import rollup_columns
from collector.store.database import Database
from collector.store.result_tables import RESULT_TABLES


def results(database: Database, table: str, meter: str, start: int, end: int) -> Sequence[ResultRow]:
    """Rows of a result table whose `time` is in [start, end), in the order of its key."""
    known = RESULT_TABLES[table]
    sql = (
        f"SELECT {known.selected(database)} FROM {known.name}"
        " WHERE meter_id = (SELECT id FROM meter WHERE name = ?) AND time >= ? AND time < ?"
        f" ORDER BY {known.order}"
    )
    found = database.select(sql, (meter, database.moment(start), database.moment(end)))
    return known.read(found)


def prices(database: Database, source: str, start: int, end: int) -> list[MarketPrice]:
    """What is known of a source's prices in [start, end), in order of time."""
    # No price holds longer than a day, so that the key finds those that began before the window.
    earliest = start - 86_400_000
    sql = (
        f"SELECT {database.ms('time')}, {database.ms('until')}, price FROM market_price"
        " WHERE source = ? AND time >= ? AND time < ? AND until > ? ORDER BY time"
    )
    moment = database.moment
    found = database.select(sql, (source, moment(earliest), moment(end), moment(start)))
    return [MarketPrice(begin, until, Decimal(price)) for begin, until, price in found]


def price_list(database: Database, source: str) -> PriceList | None:
    """How it stands with a source of prices; None when it was never asked."""
    times = ", ".join(database.ms(name) for name in ("asked", "fetched", "failing"))
    found = database.select(f"SELECT source, {times}, problem FROM price_list WHERE source = ?", (source,))
    return PriceList(*found[0]) if found else None


def known_at(database: Database, meter: str, quantities: Sequence[str], time: int, *, later: bool) -> int | None:
    """Start of the last quarter before this moment, or of the first at or after it, that has one of the values.

    Every quantity must have its columns.
    """
    columns = [column for name in quantities for column, _ in rollup_columns(name)]
    values = [column for column in columns if column.endswith(("_increase", "_mean"))]
    if not values:
        return None
    compare, order = (">=", "ASC") if later else ("<", "DESC")
    any_known = " OR ".join(f"{column} IS NOT NULL" for column in values)
    sql = (
        f"SELECT {database.ms('time')} FROM {QUARTER.table}"
        f" WHERE meter_id = (SELECT id FROM meter WHERE name = ?) AND time {compare} ? AND ({any_known})"
        f" ORDER BY time {order} LIMIT 1"
    )
    found = database.select(sql, (meter, database.moment(time)))
    return int(found[0][0]) if found else None
