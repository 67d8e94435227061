"""Expects what a month will cost: each day to come like the same weekdays before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from collector.model.tariff import ZERO

#: Weeks that are looked back.
WEEKS = 4


def expected(total: Decimal, spent: Mapping[date, Decimal], today: date, coming: Sequence[date]) -> Decimal | None:
    """The month's total, what today may still add, and the days to come; None without a complete day before today.

    `spent`: what complete days cost, and today so far. A weekday that never was is like the mean of all days.
    """
    before = {day: cost for day, cost in spent.items() if day < today}
    if not before:
        return None
    mean = sum(before.values(), ZERO) / len(before)
    left = max(_like(today, before, mean) - spent.get(today, ZERO), ZERO) if today in spent else ZERO
    return total + left + sum((_like(day, before, mean) for day in coming), ZERO)


def _like(day: date, before: Mapping[date, Decimal], mean: Decimal) -> Decimal:
    """The mean of the last same weekdays."""
    same = sorted((each for each in before if each.weekday() == day.weekday()), reverse=True)[:WEEKS]
    recent = [before[each] for each in same if each >= max(before) - timedelta(weeks=WEEKS + 1)]
    return sum(recent, ZERO) / len(recent) if recent else mean
