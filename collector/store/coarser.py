"""Computes quarters, hours and local days from the next finer rollups: flags joined, means weighted by their counts."""

from __future__ import annotations

from collections.abc import Sequence

from collector.store.buckets import SOURCE, Level
from collector.store.database import Database
from collector.store.rollup import Given, Span, Summaries, replace_rows


def summarise(database: Database, level: Level, meter_id: int, window: tuple[int, int], given: Sequence[Given]) -> None:
    """Recomputes one bucket from its source level; a bucket without source rows is removed."""
    source = SOURCE[level].table
    limits = (meter_id, database.moment(window[0]), database.moment(window[1]))
    where = f"FROM {source} WHERE meter_id = ? AND time >= ? AND time < ?"
    parts = ["COUNT(*)", database.any_flags()]
    names = ["flags"]
    for each in given:
        q = each.quantity.name
        if each.quantity.counts:
            parts.append(f"SUM({q}_increase)")
            names.append(f"{q}_increase")
            continue
        parts += [f"SUM({q}_count)", f"SUM({q}_mean * {q}_count) / NULLIF(SUM({q}_count), 0)"]
        parts += [f"MIN({q}_min)", f"MAX({q}_max)"]
        names += [f"{q}_{part}" for part in ("count", "mean", "min", "max")]
    ((rows, *sums),) = database.select(f"SELECT {', '.join(parts)} {where}", limits)
    computed: Summaries = {}
    if rows:
        values = dict(zip(names, sums, strict=True))
        computed[window[0]] = {**values, **_lasts(database, where, limits, given)}
    replace_rows(database, level.table, Span(meter_id, *window, given), computed)


def _lasts(database: Database, where: str, limits: Sequence[object], given: Sequence[Given]) -> dict[str, float | None]:
    names = [f"{each.quantity.name}_last" for each in given if each.quantity.counts]
    last: dict[str, float | None] = dict.fromkeys(names)
    if names:
        for row in database.select(f"SELECT {', '.join(names)} {where} ORDER BY time", limits):
            last.update((name, value) for name, value in zip(names, row, strict=True) if value is not None)
    return last
