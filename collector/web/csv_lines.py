"""Writes readings and rollups as CSV lines (RFC 4180): a time of the site's zone, UTC, flags, one column per value."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from collector.model.quantity import QUANTITIES
from collector.model.reading import Reading
from collector.model.series import Column, Series

#: Lines are sent in pieces of this many.
PIECE = 500


def _time(moment: int, zone: ZoneInfo) -> list[str]:
    at = datetime.fromtimestamp(moment / 1000, zone)
    return [at.isoformat(timespec="milliseconds"), at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"]


def _heading(name: str, suffix: str = "") -> str:
    unit = QUANTITIES[name].unit
    return f"{name}{suffix}" + (f" [{unit}]" if unit else "")


def _pieces(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for count, row in enumerate(rows, 1):
        writer.writerow(row)
        if count % PIECE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _shown(value: float | None) -> float | str:
    return "" if value is None else value


def readings(rows: Iterable[Reading], names: Sequence[str], zone: ZoneInfo) -> Iterator[str]:
    """Stored readings as they are; a missing value is an empty field."""

    def lines() -> Iterator[Sequence[object]]:
        yield ["time", "time_utc", "flags", *(_heading(name) for name in names)]
        for row in rows:
            yield [*_time(row.time, zone), int(row.flags), *(_shown(row.values.get(name)) for name in names)]

    return _pieces(lines())


def _parts(name: str, column: Column) -> list[tuple[str, Sequence[float | None]]]:
    if QUANTITIES[name].counts:
        return [("_last", column.value), ("_increase", column.increase)]
    return [("_mean", column.value), ("_min", column.minimum), ("_max", column.maximum)]


def rollups(found: Series, names: Sequence[str], zone: ZoneInfo) -> Iterator[str]:
    """Periods with mean, minimum and maximum of gauges, and last value and increase of counters."""
    present = {name: found.columns[name] for name in names if name in found.columns}
    columns = [(_heading(name, suffix), values) for name in present for suffix, values in _parts(name, present[name])]

    def lines() -> Iterator[Sequence[object]]:
        yield ["time", "time_utc", *(heading for heading, _ in columns)]
        for index, moment in enumerate(found.times):
            yield [*_time(moment, zone), *(_shown(values[index]) for _, values in columns)]

    return _pieces(lines())
