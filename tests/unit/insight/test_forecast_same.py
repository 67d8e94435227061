"""What is mostly the same to the last digit is expected to be so; a band after few days is wide enough."""

from __future__ import annotations

import math
import random

import pytest

from collector.insight.forecast.estimate import History
from collector.insight.forecast.predict import Expected, learn, predict
from collector.insight.forecast.smoothing import Places

pytestmark = pytest.mark.slow

WEEK = 168


def expected(values: list[float | None]) -> list[Expected]:
    """The day after the values, which begin on a Monday at midnight."""
    count = len(values) + 24
    history = History(values, Places([n % 24 for n in range(count)], [n % WEEK for n in range(count)]))
    return predict(history, learn(history), 24)


def sun(hours: int) -> list[float | None]:
    source = random.Random(3)
    days = [source.random() for _ in range(hours // 24 + 1)]
    return [4000 * days[n // 24] * max(0.0, math.sin((n % 24 - 6) / 12 * math.pi)) // 1 for n in range(hours)]


@pytest.mark.parametrize("days", [5, 10, 28, 56])
def test_no_sun_is_expected_at_night(days: int) -> None:
    told = expected(sun(days * 24))
    assert [told[hour].value for hour in (0, 1, 2, 3, 4, 5, 20, 21, 22, 23)] == [0] * 10
    assert told[12].value > 500


def test_what_rests_on_two_days_of_the_week_is_expected_to_rest_on_those_only() -> None:
    source = random.Random(5)
    values = [100 + source.gauss(0, 5) if n % WEEK < 5 * 24 else 0.0 for n in range(8 * WEEK)]
    # What follows a Sunday is a Monday, and what follows a Friday is a Saturday.
    assert all(80 < hour.value < 120 for hour in expected([*values]))
    assert all(hour.value == 0 for hour in expected(values[: 7 * WEEK + 5 * 24]))


def test_what_has_begun_to_run_is_not_expected_to_rest() -> None:
    values: list[float | None] = [0.0] * 5 * WEEK
    source = random.Random(6)
    values += [1000 + source.gauss(0, 10) for _ in range(2 * WEEK)]
    assert all(hour.value > 900 for hour in expected(values))


@pytest.mark.parametrize("days", [3, 10, 17])
def test_a_band_after_few_days_holds_what_comes(days: int) -> None:
    held = count = 0
    for number in range(12):
        source = random.Random(number)
        made = [50 + 20 * math.sin(n * math.tau / 24) + source.gauss(0, 5) for n in range(days * 24 + 24)]
        for truth, told in zip(made[-24:], expected([*made[:-24]]), strict=True):
            held += told.low <= truth <= told.high
            count += 1
    assert held >= 0.92 * count
