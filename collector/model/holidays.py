"""Says which days are holidays: single dates, and rules that hold every year."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: "12-25", "easter+39", "4 thu 11" (the fourth Thursday of November), "-1 mon 05" (the last Monday of May).
_FIXED = re.compile(r"(\d\d)-(\d\d)")
_EASTER = re.compile(r"easter(?:([+-])(\d{1,3}))?")
_NTH = re.compile(r"(-1|[1-5]) (mon|tue|wed|thu|fri|sat|sun) (0[1-9]|1[0-2])")


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm, Nature, 20 April 1876)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * i - k - h + m + 32) % 7
    month = (h - m + r + 90) // 25
    return date(year, month, (h - m + r + month + 19) % 32)


def on(rule: str, year: int) -> date | None:
    """The day on which a rule falls in a year; None in a year without it. ValueError for what is no rule."""
    if fixed := _FIXED.fullmatch(rule):
        month, day = int(fixed[1]), int(fixed[2])
        date(2024, month, day)  # a leap year: raises for a date that no year has
        return None if (month, day) == (2, 29) and not _leap(year) else date(year, month, day)
    if feast := _EASTER.fullmatch(rule):
        return easter(year) + timedelta(days=int(f"{feast[1] or '+'}{feast[2] or 0}"))
    if nth := _NTH.fullmatch(rule):
        return _nth(int(nth[1]), WEEKDAYS.index(nth[2]), int(nth[3]), year)
    raise ValueError(f'"{rule}" is no rule for a holiday; write it like "12-25", "easter+39" or "4 thu 11"')


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _nth(number: int, weekday: int, month: int, year: int) -> date | None:
    days = [day for offset in range(31) if (day := date(year, month, 1) + timedelta(days=offset)).month == month]
    found = [day for day in days if day.weekday() == weekday]
    return found[-1] if number < 0 else found[number - 1] if number <= len(found) else None


@lru_cache(256)
def _of_year(rules: tuple[str, ...], year: int) -> frozenset[date]:
    return frozenset(day for rule in rules if (day := on(rule, year)))


def is_holiday(day: date, rules: tuple[str, ...], dates: Iterable[date]) -> bool:
    """Whether this day is one of the dates, or one of the rules falls on it."""
    return day in dates or day in _of_year(rules, day.year)
