"""Cuts time into the site's local days and months: 23, 24 or 25 h, 28 to 31 days; everything in UTC ms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

#: ms of a quarter of an hour: what energy is counted by.
QUARTER = 900_000


def instant(ms: int) -> datetime:
    """UTC ms as an aware time."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=ms)


@lru_cache(4096)
def midnight(day: date, zone: ZoneInfo) -> int:
    """When this local day begins.

    Where midnight does not exist (clocks spring from 00:00 to 01:00) fold=0 points at the moment of the jump; a zone
    whose offset is no multiple of 15 minutes (before 1972) is rounded to the quarter its day begins in.
    """
    start = int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)
    return start - start % QUARTER


def local_date(time: int, zone: ZoneInfo) -> date:
    """The site's date at this moment."""
    day = instant(time).astimezone(zone).date()
    # Midnight is rounded down to a quarter, so that the day's first minutes may bear the date of the day before.
    return day + timedelta(days=1) if time >= midnight(day + timedelta(days=1), zone) else day


def local_day(time: int, zone: ZoneInfo) -> tuple[int, int]:
    """[start, end) of the local day that holds this moment: 23, 24 or 25 h."""
    day = local_date(time, zone)
    return midnight(day, zone), midnight(day + timedelta(days=1), zone)


def month_start(day: date, zone: ZoneInfo, months: int = 0) -> int:
    """When the month of this date begins, or the one so many months after it."""
    count = day.year * 12 + day.month - 1 + months
    return midnight(date(count // 12, count % 12 + 1, 1), zone)


def local_month(time: int, zone: ZoneInfo) -> tuple[int, int]:
    """[start, end) of the local month that holds this moment."""
    day = local_date(time, zone)
    return month_start(day, zone), month_start(day, zone, 1)


def local_week(time: int, zone: ZoneInfo) -> tuple[int, int]:
    """[start, end) of the week, Monday to Sunday, that holds this moment."""
    day = local_date(time, zone)
    monday = day - timedelta(days=day.weekday())
    return midnight(monday, zone), midnight(monday + timedelta(days=7), zone)


def days(start: int, end: int, zone: ZoneInfo) -> Iterator[tuple[date, int, int]]:
    """(date, start, end) of each local day that begins in [start, end)."""
    day = local_date(start, zone)
    while (begin := midnight(day, zone)) < end:
        if begin >= start:
            yield day, begin, midnight(day + timedelta(days=1), zone)
        day += timedelta(days=1)
