"""Tells in which band of a tariff each quarter of an hour lies: by local time, across midnight and changes of clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from collector.model import calendar
from collector.model.calendar import QUARTER
from collector.model.holidays import WEEKDAYS, is_holiday
from collector.model.tariff import HOLIDAY, Tariff, Window


@lru_cache(1024)
def bands_of(tariff: Tariff, day: date, zone: ZoneInfo) -> Mapping[int, str]:
    """Start (UTC ms) of each quarter of this local day -> name of its band; 92, 96 or 100 of them."""
    start, end = calendar.midnight(day, zone), calendar.midnight(day + timedelta(days=1), zone)
    found = {}
    for quarter in range(start, end, QUARTER):
        local = calendar.instant(quarter).astimezone(zone)
        found[quarter] = band_at(tariff, day, local.hour * 60 + local.minute)
    return found


def band_at(tariff: Tariff, day: date, minute: int) -> str:
    """The first band that holds at this minute of a day; the last one is the rest."""
    *others, rest = tariff.bands
    for band in others:
        if any(_within(tariff, window, day, minute) for window in band.windows):
            return band.name
    return rest.name


def _within(tariff: Tariff, window: Window, day: date, minute: int) -> bool:
    if window.begin < window.end:
        return window.begin <= minute < window.end and _on(tariff, window, day)
    if minute >= window.begin:
        return _on(tariff, window, day)
    return minute < window.end and _on(tariff, window, day - timedelta(days=1))


def _on(tariff: Tariff, window: Window, day: date) -> bool:
    """On a holiday only "holiday" holds, not the day of the week that it is as well."""
    holiday = is_holiday(day, tariff.holiday_rules, tariff.holiday_dates)
    return (HOLIDAY if holiday else WEEKDAYS[day.weekday()]) in window.days and _in_season(window, day)


def _in_season(window: Window, day: date) -> bool:
    if window.season is None:
        return True
    first, last = window.season
    today = (day.month, day.day)
    return first <= today <= last if first <= last else today >= first or today <= last
