"""Carries a series of quarters, hours or days on to this moment: the store builds a period only when it is over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from itertools import groupby
from operator import or_
from zoneinfo import ZoneInfo

from collector.model.ports import StoreReader
from collector.model.quantity import QUANTITIES
from collector.model.series import Column, Resolution, Series
from collector.web.question import Question
from collector.web.span import DAY_MS, local_day, ms, stepped

#: A period that is still open began at most this long ago; older minutes are left to the store, ms.
REACH = 2 * DAY_MS


def _beginning(resolution: Resolution, zone: ZoneInfo) -> Callable[[int], int]:
    """From a moment (UTC ms) to the beginning of its period: days by the site's calendar, the others by UTC."""
    if resolution is Resolution.DAY:
        return lambda moment: ms(local_day(moment, zone))
    step = resolution.seconds * 1000
    return lambda moment: moment // step * step


def _end(begin: int, resolution: Resolution, zone: ZoneInfo) -> int:
    if resolution is Resolution.DAY:
        return ms(stepped(local_day(begin, zone), "day", 1))
    return begin + resolution.seconds * 1000


def _known(values: Sequence[float | None], rows: Sequence[int]) -> list[float]:
    return [value for row in rows if (value := values[row]) is not None]


def _joined(name: str, column: Column, rows: Sequence[int]) -> tuple[float | None, ...]:
    """(value, minimum, maximum, increase) of these minutes together; minutes count alike."""
    values = _known(column.value, rows)
    if QUANTITIES[name].counts:
        gained = _known(column.increase, rows)
        return values[-1] if values else None, None, None, sum(gained) if gained else None
    lows, highs = _known(column.minimum, rows), _known(column.maximum, rows)
    mean = sum(values) / len(values) if values else None
    return mean, min(lows, default=None), max(highs, default=None), None


def _extended(name: str, column: Column, minutes: Column, periods: Mapping[int, Sequence[int]]) -> Column:
    new = [_joined(name, minutes, rows) for rows in periods.values()]
    value, minimum, maximum, increase = (list(each) for each in zip(*new, strict=True))
    if QUANTITIES[name].counts:
        return Column([*column.value, *value], increase=[*column.increase, *increase])
    return Column([*column.value, *value], [*column.minimum, *minimum], [*column.maximum, *maximum])


def carried_on(store: StoreReader, found: Series, asked: Question, now: int, zone: ZoneInfo) -> Series:
    """The series with its open periods, made of minutes; unchanged where nothing is open."""
    if found.resolution in {Resolution.RAW, Resolution.MINUTE}:
        return found
    begin = _end(found.times[-1], found.resolution, zone) if found.times else asked.span.start
    start, end = max(begin, now - REACH), min(asked.span.end, now + 60_000)
    if start >= end:
        return found
    minutes = store.series(found.meter, asked.quantities, start, end, Resolution.MINUTE)
    beginning = _beginning(found.resolution, zone)
    periods = groupby(range(len(minutes.times)), lambda row: beginning(minutes.times[row]))
    # A period of which the beginning is cut off is not made up from its rest.
    whole = {at: list(rows) for at, rows in periods if at >= start}
    return _with(found, minutes, asked.quantities, whole) if whole else found


def _with(found: Series, minutes: Series, names: Sequence[str], periods: Mapping[int, Sequence[int]]) -> Series:
    gap = [None] * len(found.times)
    columns = {
        name: _extended(name, found.columns.get(name, Column(gap, gap, gap, gap)), minutes.columns[name], periods)
        for name in names
        if name in minutes.columns
    }
    flags = [reduce(or_, (minutes.flags[row] for row in rows)) for rows in periods.values()]
    return replace(found, times=[*found.times, *periods], columns=columns, flags=[*found.flags, *flags])
