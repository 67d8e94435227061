"""Stores readings so that none is stored twice and none is lost when two share a millisecond."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from collector.model.reading import Reading
from collector.store.columns import COUNTED, RAW
from collector.store.database import Database, marks
from collector.store.schema import Schema

#: Rows asked for in one query when looking which are there.
_PIECE = 500


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A reading as the database keeps it. `values`: only what is not missing."""

    meter_id: int
    time: int
    flags: int
    values: Mapping[str, float]
    counted: str | None = None  #: JSON, see `Reading.counted`

    @property
    def key(self) -> tuple[int, int]:
        """The primary key."""
        return self.meter_id, self.time

    def same(self, other: StoredRow, database: Database) -> bool:
        """True if both say the same, as far as the database can keep it."""
        if self.flags != other.flags or self.values.keys() != other.values.keys():
            return False
        return all(_kept(self, name, database) == _kept(other, name, database) for name in self.values)


def _kept(row: StoredRow, name: str, database: Database) -> float:
    return database.stored(name, row.values[name])


@dataclass(frozen=True, slots=True)
class Inserted:
    """What was sent, at the times at which it is stored now. `new`: how many rows were not there before."""

    rows: Sequence[StoredRow]
    new: int


def as_rows(readings: Iterable[Reading], schema: Schema) -> list[StoredRow]:
    """The readings as rows; SchemaOutdated if a meter or a column is missing."""
    rows = []
    for reading in readings:
        values = {name: value for name, value in reading.values.items() if value is not None and math.isfinite(value)}
        schema.require(values)
        counted = None
        if reading.counted:
            schema.require_counted()
            counted = json.dumps(dict(reading.counted), separators=(",", ":"))
        rows.append(StoredRow(schema.meter_id(reading.meter), reading.time, int(reading.flags), values, counted))
    return rows


def insert(database: Database, rows: Sequence[StoredRow], schema: Schema) -> Inserted:
    """Inserts what is not there yet; a different row at a taken time goes to the next free millisecond.

    A row whose exact values stand at its time, or at the millisecond to which it was moved when it was first stored,
    is a replay.
    """
    first: dict[tuple[int, int], StoredRow] = {}
    displaced = []
    for row in rows:
        if row.key in first:
            displaced.append(row)
        else:
            first[row.key] = row
    new = 0
    for columns, group in _by_columns(first.values()):
        added = _bulk(database, columns, group)
        new += added
        if added < len(group):
            displaced += _taken(database, group, schema)
    moved = {id(row) for row in displaced}
    placed = [row for row in first.values() if id(row) not in moved]
    for row in displaced:
        final, added = _place(database, row, schema)
        placed.append(final)
        new += added
    return Inserted(placed, new)


def _by_columns(rows: Iterable[StoredRow]) -> Iterable[tuple[tuple[str, ...], list[StoredRow]]]:
    """Rows of meters that give the same quantities, together: one statement each."""
    meters: dict[int, list[StoredRow]] = defaultdict(list)
    for row in rows:
        meters[row.meter_id].append(row)
    groups: dict[tuple[str, ...], list[StoredRow]] = defaultdict(list)
    for mine in meters.values():
        names: set[str] = set()
        for row in mine:
            names.update(row.values)
        groups[tuple(sorted(names))] += mine
    return groups.items()


def _bulk(database: Database, columns: Sequence[str], rows: Sequence[StoredRow]) -> int:
    moment = database.moment
    sent = [(row.meter_id, moment(row.time), row.flags, *map(row.values.get, columns)) for row in rows]
    names = ["meter_id", "time", "flags", *columns]
    if any(row.counted for row in rows):
        names.append(COUNTED[0])
        sent = [(*values, row.counted) for values, row in zip(sent, rows, strict=True)]
    return database.bulk(database.insert_new(RAW, names), sent)


def _taken(database: Database, rows: Sequence[StoredRow], schema: Schema) -> list[StoredRow]:
    """Those of the rows at whose time something else is stored."""
    times: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        times[row.meter_id].append(row.time)
    stored: dict[tuple[int, int], StoredRow] = {}
    for meter_id, wanted in times.items():
        stored.update((row.key, row) for row in fetch(database, meter_id, wanted, schema))
    return [row for row in rows if not row.same(stored[row.key], database)]


def fetch(database: Database, meter_id: int, times: Sequence[int], schema: Schema) -> Iterable[StoredRow]:
    """The stored rows of a meter at these times."""
    names = tuple(schema.quantities)
    values = "".join(f", {database.exact(name)}" for name in names)
    for start in range(0, len(times), _PIECE):
        piece = [database.moment(time) for time in times[start : start + _PIECE]]
        sql = (
            f"SELECT {database.ms('time')}, flags{values} FROM {RAW}"
            f" WHERE meter_id = ? AND time IN ({marks(len(piece))})"
        )
        for time, flags, *found in database.select(sql, (meter_id, *piece)):
            kept = {name: value for name, value in zip(names, found, strict=True) if value is not None}
            yield StoredRow(meter_id, time, flags, kept)


def stored_keys(database: Database, rows: Sequence[StoredRow]) -> frozenset[tuple[int, int]]:
    """The keys among those of the rows at which something is stored; for the few rows older than retention."""
    sql = f"SELECT 1 FROM {RAW} WHERE meter_id = ? AND time = ?"
    keys = {row.key for row in rows}
    return frozenset(key for key in keys if database.select(sql, (key[0], database.moment(key[1]))))


def _place(database: Database, row: StoredRow, schema: Schema) -> tuple[StoredRow, int]:
    """Finds a row its millisecond: the first from its own on that is free or holds the very same."""
    while True:
        there = next(iter(fetch(database, row.meter_id, [row.time], schema)), None)
        if there is None:
            return row, _bulk(database, sorted(row.values), [row])
        if row.same(there, database):
            return row, 0
        row = replace(row, time=row.time + 1)
