"""Makes minute summaries as the store hands them out."""

from collections.abc import Mapping, Sequence

from collector.insight.quality.ten_minutes import TenMinutes, ten_minutes
from collector.model.series import Column, Resolution, Series

START = 1_767_225_600_000  # 2026-01-01 00:00 UTC


def minutes(values: Mapping[str, Sequence[float | None]], missing: Sequence[int] = ()) -> Series:
    """One value a minute from START on; minutes that are `missing` have no row at all."""
    count = len(next(iter(values.values())))
    kept = [index for index in range(count) if index not in set(missing)]
    columns = {}
    for name, given in values.items():
        column = [given[index] for index in kept]
        columns[name] = Column(column, column, column)
    return Series("m", Resolution.MINUTE, [START + index * 60_000 for index in kept], columns)


def intervals(values: Mapping[str, Sequence[float | None]], missing: Sequence[int] = ()) -> list[TenMinutes]:
    """The same as 10-minute values."""
    return list(ten_minutes(minutes(values, missing)))
