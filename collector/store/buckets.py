"""Cuts time into the periods that rollups summarise: UTC minutes, quarters and hours, and the site's local days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Level:
    """One rollup table. `number`: how it is called in table `rollup_due`; `width`: ms, nominal for days."""

    number: int
    table: str
    width: int


MINUTE = Level(1, "reading_1m", 60_000)
QUARTER = Level(15, "reading_15m", 900_000)
HOUR = Level(60, "reading_1h", 3_600_000)
DAY = Level(1440, "reading_1d", 86_400_000)
LEVELS = (MINUTE, QUARTER, HOUR, DAY)
#: From which level a coarser one is computed. Days from quarters: local midnight is not always on a UTC hour.
SOURCE = {QUARTER: MINUTE, HOUR: QUARTER, DAY: QUARTER}
#: Which levels follow from one.
FOLLOWERS = {MINUTE: (QUARTER,), QUARTER: (HOUR, DAY), HOUR: (), DAY: ()}


def instant(ms: int) -> datetime:
    """UTC ms as an aware time."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=ms)


def _midnight(day: datetime, zone: ZoneInfo) -> int:
    local = datetime(day.year, day.month, day.day, tzinfo=zone)
    quarter = QUARTER.width
    start = int(local.timestamp() * 1000)
    # Where midnight does not exist (clocks spring from 00:00 to 01:00) fold=0 points at the moment of the jump; a
    # zone whose offset is no multiple of 15 minutes (before 1972) is rounded to the quarter its day begins in.
    return start - start % quarter


def local_day(time: int, zone: ZoneInfo) -> tuple[int, int]:
    """[start, end) in UTC ms of the local day that holds this moment: 23, 24 or 25 h."""
    local = instant(time).astimezone(zone)
    start = _midnight(local, zone)
    end = _midnight(local + timedelta(days=1), zone)
    return start, end


def bounds(level: Level, time: int, zone: ZoneInfo) -> tuple[int, int]:
    """[start, end) in UTC ms of the bucket that holds this moment."""
    if level is DAY:
        return local_day(time, zone)
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
