"""Tells when a meter's bills begin and end: from one reading by the utility to the next, on whatever day it comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from collector.model import calendar
from collector.model.insight import Period
from collector.model.tariff import Tariff, tariff_of


def billing_days(tariffs: Sequence[Tariff], meter: str, day: date) -> tuple[date, date]:
    """[first, end) of the bill's days that hold this one.

    A tariff that is read on another day than the one before it begins a new bill: there the meter is read, too.
    """
    first, end = between_readings(day, _read_on(tariffs, meter, day))
    for change in _changes(tariffs, meter):
        first, end = (max(first, change), end) if change <= day else (first, min(end, change))
    return first, end


def billing_period(tariffs: Sequence[Tariff], meter: str, time: int, zone: ZoneInfo) -> Period:
    """The same of a moment, in UTC ms."""
    first, end = billing_days(tariffs, meter, calendar.local_date(time, zone))
    return Period(calendar.midnight(first, zone), calendar.midnight(end, zone))


def between_readings(day: date, read_on: int) -> tuple[date, date]:
    """[first, end) of the month that begins on this day of it; what a monthly sum is due for."""
    months = day.year * 12 + day.month - 1 - (day.day < read_on)
    return _day_of(months, read_on), _day_of(months + 1, read_on)


def _day_of(months: int, day: int) -> date:
    return date(months // 12, months % 12 + 1, day)


def _read_on(tariffs: Sequence[Tariff], meter: str, day: date) -> int:
    tariff = tariff_of(tariffs, meter, day)
    return tariff.billing_day if tariff else 1


def _changes(tariffs: Sequence[Tariff], meter: str) -> list[date]:
    """The days on which another day of reading begins to count."""
    begins = [tariff.valid_from for tariff in tariffs if tariff.covers(meter)]
    before = timedelta(days=1)
    return [day for day in begins if _read_on(tariffs, meter, day) != _read_on(tariffs, meter, day - before)]
