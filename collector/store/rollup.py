"""Computes the minute rollups from readings, in SQL: quality, means and bounds of gauges, increments of counters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collector.model.quantity import QUANTITIES, Kind, Quantity
from collector.model.reading import Flag
from collector.store.buckets import MINUTE, QUARTER
from collector.store.columns import COUNTED, RAW, rollup_columns
from collector.store.database import Database, marks

#: Where a meter's model does not say after which value a counter starts at 0 again: SENTRON PACs show 12 digits.
DEFAULT_MODULUS = 1e12


@dataclass(frozen=True, slots=True)
class Given:
    """What a meter gives of one quantity at all: times (UTC ms) of the first and the last value."""

    quantity: Quantity
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Span:
    """Neighbouring buckets of one meter to be computed, [start, end) in UTC ms. `given`: what the meter gives."""

    meter_id: int
    start: int
    end: int
    given: Sequence[Given]
    counts: bool = False  #: whether table `reading` has the column `counted`

    @property
    def gauges(self) -> list[str]:
        """Names of the gauges."""
        return [each.quantity.name for each in self.given if not each.quantity.counts]

    @property
    def counters(self) -> list[Given]:
        """The counters and balances."""
        return [each for each in self.given if each.quantity.counts]


Summaries = dict[int, dict[str, float | None]]


def minutes(database: Database, span: Span, moduli: Mapping[str, float]) -> frozenset[int]:
    """Recomputes these minutes; returns the later minutes whose first increment changed by that."""
    later = [each for each in span.counters if each.last >= span.end]
    before = _lasts(database, span, later)
    counters = _counters(database, span, moduli)
    # Last, because an import in another process may store readings meanwhile: every minute that counts has a row then.
    found = _flags_and_gauges(database, span)
    computed = {bucket: {**values, **counters.get(bucket, {})} for bucket, values in found.items()}
    replace_rows(database, MINUTE.table, span, computed)
    after = _final(computed, later)
    changed = [each.quantity.name for each in later if before[each.quantity.name] != after[each.quantity.name]]
    return following(database, span.meter_id, span.end, changed)


def _window(database: Database, span: Span) -> tuple[int, object, object]:
    return span.meter_id, database.moment(span.start), database.moment(span.end)


def _flags_and_gauges(database: Database, span: Span) -> Summaries:
    """Every minute that has a reading, be it one without values."""
    parts = "".join(f", COUNT({q}), AVG({q}), MIN({q}), MAX({q})" for q in span.gauges)
    sql = (
        f"SELECT {database.bucket(MINUTE.width)} AS bucket, {database.any_flags()}{parts} FROM {RAW}"
        " WHERE meter_id = ? AND time >= ? AND time < ? GROUP BY bucket"
    )
    names = ["flags", *(column for q in span.gauges for column, _ in rollup_columns(q))]
    found = database.select(sql, _window(database, span))
    return {bucket: dict(zip(names, values, strict=True)) for bucket, *values in found}


#: Quantity -> what it counted, by time (UTC ms); a time is there for each reading that tells any of it.
Told = Mapping[int, Mapping[str, float]]


def told(database: Database, span: Span) -> Told:
    """What the readings of the span themselves say that their counters counted."""
    if not span.counters or not span.counts:
        return {}
    sql = (
        f"SELECT {database.ms('time')}, {COUNTED[0]} FROM {RAW}"
        f" WHERE meter_id = ? AND time >= ? AND time < ? AND {COUNTED[0]} IS NOT NULL"
    )
    return {time: json.loads(text) for time, text in database.select(sql, _window(database, span))}


def _told_increment(database: Database, quantity: str, told: Told) -> tuple[str, list[object]]:
    """The first cases of `_increment` and their parameters: what is told, and that others' accidents are not its."""
    mine = {time: counted[quantity] for time, counted in told.items() if quantity in counted}
    others = [time for time in told if time not in mine]
    sql = " WHEN time = ? THEN ?" * len(mine)
    values: list[object] = [each for time, added in mine.items() for each in (database.moment(time), added)]
    if others:
        plain = "value - previous" if QUANTITIES[quantity].kind is Kind.BALANCE else _PLAIN
        sql += f" WHEN previous IS NOT NULL AND time IN ({marks(len(others))}) THEN {plain}"
        values += map(database.moment, others)
    return sql, values


_PLAIN = "CASE WHEN value >= previous THEN value - previous ELSE 0 END"


def _increment(quantity: Quantity, modulus: float, told: str) -> str:
    """SQL for what a row adds, given `value`, `previous` and `flags`; a value without a previous one adds nothing.

    The flags decide for readings from before `counted` was stored; they do not tell which counter they mean.
    """
    swapped = f"WHEN previous IS NULL OR flags & {int(Flag.METER_SWAP)} <> 0 THEN 0"
    if quantity.kind is Kind.BALANCE:
        return f"CASE{told} {swapped} ELSE value - previous END"
    return (
        f"CASE{told} {swapped} WHEN value >= previous THEN value - previous"
        f" WHEN flags & {int(Flag.COUNTER_ROLLOVER)} <> 0 THEN value + {modulus!r} - previous"
        f" WHEN flags & {int(Flag.COUNTER_RESET)} <> 0 THEN value ELSE 0 END"
    )


def _counter_sql(database: Database, number: int, quantity: Quantity, increment: str) -> str:
    bucket = database.bucket(MINUTE.width)
    q = quantity.name
    return (
        f"SELECT {number}, bucket, MAX(CASE WHEN following IS NULL OR following <> bucket THEN value END),"
        f" SUM({increment}) FROM (SELECT {bucket} AS bucket, time, {q} AS value, flags,"
        f" COALESCE(LAG({q}) OVER (ORDER BY time), ?) AS previous, LEAD({bucket}) OVER (ORDER BY time) AS following"
        f" FROM {RAW} WHERE meter_id = ? AND time >= ? AND time < ? AND {q} IS NOT NULL) AS c{number} GROUP BY bucket"
    )


def _counters(database: Database, span: Span, moduli: Mapping[str, float]) -> Summaries:
    if not span.counters:
        return {}
    previous, said = previous_values(database, span), told(database, span)
    parts: list[str] = []
    values: list[object] = []
    for number, each in enumerate(span.counters):
        name = each.quantity.name
        cases, parameters = _told_increment(database, name, said)
        increment = _increment(each.quantity, float(moduli.get(name, DEFAULT_MODULUS)), cases)
        parts.append(_counter_sql(database, number, each.quantity, increment))
        values += [*parameters, previous[name], *_window(database, span)]
    computed: Summaries = {}
    for number, bucket, last, increase in database.select(" UNION ALL ".join(parts), values):
        q = span.counters[number].quantity.name
        computed.setdefault(bucket, {}).update({f"{q}_last": last, f"{q}_increase": increase})
    return computed


def previous_values(database: Database, span: Span) -> dict[str, float | None]:
    """Each counter's last value before the span: from readings, and from rollups where retention removed those."""
    found: dict[str, float | None] = {each.quantity.name: None for each in span.counters}
    for table, suffix in ((RAW, ""), (MINUTE.table, "_last"), (QUARTER.table, "_last")):
        wanted = [e.quantity.name for e in span.counters if e.first < span.start and found[e.quantity.name] is None]
        if wanted:
            found.update(_last_before(database, table, span, {name: name + suffix for name in wanted}))
    return found


def _last_before(database: Database, table: str, span: Span, columns: Mapping[str, str]) -> dict[str, float | None]:
    parts = ", ".join(
        f"(SELECT {column} FROM {table} WHERE meter_id = ? AND time < ? AND {column} IS NOT NULL"
        " ORDER BY time DESC LIMIT 1)"
        for column in columns.values()
    )
    (row,) = database.select(f"SELECT {parts}", (span.meter_id, database.moment(span.start)) * len(columns))
    return dict(zip(columns, row, strict=True))


def _lasts(database: Database, span: Span, counters: Sequence[Given]) -> dict[str, float | None]:
    """What the stored rollups say was each counter's last value in the span."""
    if not counters:
        return {}
    names = [f"{each.quantity.name}_last" for each in counters]
    sql = f"SELECT {', '.join(names)} FROM {MINUTE.table} WHERE meter_id = ? AND time >= ? AND time < ? ORDER BY time"
    rows = database.select(sql, _window(database, span))
    return _final({number: dict(zip(names, row, strict=True)) for number, row in enumerate(rows)}, counters)


def _final(summaries: Summaries, counters: Sequence[Given]) -> dict[str, float | None]:
    final: dict[str, float | None] = {each.quantity.name: None for each in counters}
    for bucket in sorted(summaries):
        values = summaries[bucket]
        for each in counters:
            name = each.quantity.name
            value = values.get(f"{name}_last")
            if value is not None:
                final[name] = value
    return final


def following(database: Database, meter_id: int, end: int, quantities: Sequence[str]) -> frozenset[int]:
    """The minutes that hold the first value at or after `end` of each of these quantities."""
    if not quantities:
        return frozenset()
    parts = ", ".join(
        f"(SELECT {database.bucket(MINUTE.width)} FROM {RAW} WHERE meter_id = ? AND time >= ? AND {q} IS NOT NULL"
        " ORDER BY time LIMIT 1)"
        for q in quantities
    )
    (row,) = database.select(f"SELECT {parts}", (meter_id, database.moment(end)) * len(quantities))
    return frozenset(bucket for bucket in row if bucket is not None)


def replace_rows(database: Database, table: str, span: Span, computed: Summaries) -> None:
    """Makes the rollup rows of this span in a rollup table be exactly these."""
    moment, meter_id = database.moment, span.meter_id
    limits = _window(database, span)
    there = database.select(
        f"SELECT {database.ms('time')} FROM {table} WHERE meter_id = ? AND time >= ? AND time < ?", limits
    )
    for (time,) in there:
        if time not in computed:
            database.execute(f"DELETE FROM {table} WHERE meter_id = ? AND time = ?", (meter_id, moment(time)))
    if computed:
        names = ["flags", *(column for each in span.given for column, _ in rollup_columns(each.quantity.name))]
        sql = database.upsert(table, ("meter_id", "time", *names), ("meter_id", "time"))
        rows = [(meter_id, moment(time), *map(values.get, names)) for time, values in sorted(computed.items())]
        database.bulk(sql, rows)
