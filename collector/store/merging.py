"""Adds late readings to rollups whose own readings retention has removed: merged, never rebuilt from what is left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from collector.model.quantity import QUANTITIES
from collector.store.buckets import Level
from collector.store.columns import rollup_columns
from collector.store.database import Database
from collector.store.inserting import StoredRow

Summary = dict[str, float | None]


def merge(database: Database, level: Level, rows: Sequence[StoredRow]) -> None:
    """Adds these readings (each for the first and only time) to their buckets of a level in UTC."""
    buckets: dict[tuple[int, int], list[StoredRow]] = defaultdict(list)
    for row in rows:
        buckets[row.meter_id, row.time - row.time % level.width].append(row)
    for (meter_id, start), late in buckets.items():
        names = sorted({name for row in late for name in row.values})
        columns = [column for name in names for column, _ in rollup_columns(name)]
        flags, there = _stored(database, level, meter_id, start, columns)
        for row in sorted(late, key=lambda row: row.time):
            flags |= row.flags
            for name, value in row.values.items():
                _add(there, name, value)
        sql = database.upsert(level.table, ("meter_id", "time", "flags", *columns), ("meter_id", "time"))
        database.execute(sql, (meter_id, database.moment(start), flags, *map(there.get, columns)))


def _stored(database: Database, level: Level, meter_id: int, start: int, columns: Sequence[str]) -> tuple[int, Summary]:
    values = ", ".join(["flags", *map(database.exact, columns)])
    sql = f"SELECT {values} FROM {level.table} WHERE meter_id = ? AND time = ?"
    found = database.select(sql, (meter_id, database.moment(start)))
    if not found:
        return 0, dict.fromkeys(columns)
    flags, *there = found[0]
    return flags, dict(zip(columns, there, strict=True))


def _add(summary: Summary, name: str, value: float) -> None:
    if QUANTITIES[name].counts:
        _add_counter(summary, name, value)
        return
    count = summary[f"{name}_count"] or 0
    mean = summary[f"{name}_mean"] or 0.0
    summary.update(
        {
            f"{name}_count": count + 1,
            f"{name}_mean": (mean * count + value) / (count + 1),
            f"{name}_min": _bound(min, summary, f"{name}_min", value),
            f"{name}_max": _bound(max, summary, f"{name}_max", value),
        }
    )


def _bound(
    choose: Callable[[float, float], float], summary: Mapping[str, float | None], column: str, value: float
) -> float:
    known = summary[column]
    return value if known is None else choose(known, value)


def _add_counter(summary: Summary, name: str, value: float) -> None:
    """What passed between the neighbours of a late reading was counted with the later one: nothing is added twice."""
    if summary[f"{name}_last"] is None:
        summary[f"{name}_last"] = value
        summary[f"{name}_increase"] = 0.0
