"""Cuts time into the periods that rollups summarise: UTC minutes, quarters and hours, and the site's local days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from collector.model import calendar


@dataclass(frozen=True, slots=True)
class Level:
    """One rollup table. `number`: how it is called in table `rollup_due`; `width`: ms, nominal for days."""

    number: int
    table: str
    width: int


MINUTE = Level(1, "reading_1m", 60_000)
QUARTER = Level(15, "reading_15m", calendar.QUARTER)
HOUR = Level(60, "reading_1h", 3_600_000)
DAY = Level(1440, "reading_1d", 86_400_000)
LEVELS = (MINUTE, QUARTER, HOUR, DAY)
#: From which level a coarser one is computed. Days from quarters: local midnight is not always on a UTC hour.
SOURCE = {QUARTER: MINUTE, HOUR: QUARTER, DAY: QUARTER}
#: Which levels follow from one.
FOLLOWERS = {MINUTE: (QUARTER,), QUARTER: (HOUR, DAY), HOUR: (), DAY: ()}


def bounds(level: Level, time: int, zone: ZoneInfo) -> tuple[int, int]:
    """[start, end) in UTC ms of the bucket that holds this moment."""
    if level is DAY:
        return calendar.local_day(time, zone)
    start = time - time % level.width
    return start, start + level.width


def runs(starts: Iterable[int], width: int, longest: int) -> Iterator[tuple[int, int]]:
    """Ascending bucket starts as [start, end) spans of neighbours, none longer than `longest` buckets."""
    first: int | None = None
    end = 0
    for start in starts:
        if first is not None and start == end and end - first < longest * width:
            end += width
            continue
        if first is not None:
            yield first, end
        first, end = start, start + width
    if first is not None:
        yield first, end
