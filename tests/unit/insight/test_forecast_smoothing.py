"""The smoothing is Holt-Winters to the last digit, its quantiles are the usual ones, and nothing makes it explode."""

from __future__ import annotations

import math
import random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.insight.forecast.band import quantile
from collector.insight.forecast.estimate import History
from collector.insight.forecast.predict import Model, enough, learn, predict
from collector.insight.forecast.seasons import HOUR, places
from collector.insight.forecast.simplex import minimum
from collector.insight.forecast.smoothing import Parameters, Places, State, Way, follow, look_ahead
from collector.model.calendar import midnight

SEASON = 24


def daily(count: int) -> list[float]:
    source = random.Random(7)
    return [50 + n / 40 + 20 * math.sin(n * math.tau / SEASON) + source.gauss(0, 4) for n in range(count)]


def around(count: int) -> Places:
    return Places([n % 24 for n in range(count)], [n % 168 for n in range(count)])


@pytest.mark.slow
@pytest.mark.parametrize("damped", [False, True])
def test_plain_holt_winters_equals_statsmodels(damped: bool) -> None:
    """Given the same parameters and initial states, the forecasts are the same to numerical precision."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    values, season = daily(20 * SEASON), [20 * math.sin(n * math.tau / SEASON) for n in range(SEASON)]
    alpha, beta, gamma, phi = 0.31, 0.07, 0.23, 0.97 if damped else 1.0
    model = ExponentialSmoothing(
        np.array(values), trend="add", damped_trend=damped, seasonal="add", seasonal_periods=SEASON,
        initialization_method="known", initial_level=48.0, initial_trend=0.1, initial_seasonal=season,
    )  # fmt: skip
    given_ = {"smoothing_level": alpha, "smoothing_trend": beta, "smoothing_seasonal": gamma}
    theirs = model.fit(optimized=False, **given_, **({"damping_trend": phi} if damped else {}))
    state = State(48.0, 0.1, list(season))
    where = Places([n % SEASON for n in range(len(values) + 48)], [0] * (len(values) + 48))
    parameters = Parameters(alpha, beta, phi, gamma)
    wrong = follow(state, parameters, values, where, Way(origins=range(len(values)), ahead=1))
    assert np.allclose([each[0] for each in wrong], theirs.resid, rtol=0, atol=1e-9)
    ours = look_ahead(state, parameters, where, len(values), 48)
    # statsmodels 0.15 leaves the last value out of the season that it forecasts by; every residual above had it.
    same = np.arange(48) % SEASON != SEASON - 1
    assert np.allclose(np.array(ours)[same], theirs.forecast(48)[same], rtol=1e-12, atol=1e-9)


@pytest.mark.slow
@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=60), st.floats(0, 1))
def test_quantiles_are_numpys(sample: list[float], part: float) -> None:
    assert quantile(sorted(sample), part) == pytest.approx(np.quantile(sample, part), rel=1e-9, abs=1e-6)


def test_the_simplex_finds_the_valley_of_rosenbrock() -> None:
    value, (x, y) = minimum(lambda p: (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2, (-1.2, 1.0), 0.5, 400, 1e-12)
    assert value < 1e-6
    assert (x, y) == pytest.approx((1, 1), abs=1e-2)


numbers = st.one_of(st.none(), st.just(0.0), st.floats(-1e12, 1e12), st.floats(200, 250))


@pytest.mark.slow
@given(st.lists(numbers, min_size=24, max_size=120), st.integers(0, 167), st.booleans())
def test_whatever_comes_the_forecast_is_a_number_and_lies_in_its_band(
    values: list[float | None], hour: int, weekly: bool
) -> None:
    count = len(values) + 72
    history = History(values, Places([(hour + n) % 24 for n in range(count)], [(hour + n) % 168 for n in range(count)]))
    if not enough(history):
        return
    model = Model(weekly, Parameters(0.5, day=0.6, week=0.9 if weekly else 0.0, memory=1.0), 1.0)
    largest = max(abs(value) for value in values if value is not None)
    for each in predict(history, [model], 72):
        assert each.low <= each.value <= each.high
        assert all(math.isfinite(edge) for edge in (each.low, each.high))
        assert abs(each.value) <= 100 * largest + 1


def test_a_gap_is_skipped_and_is_no_zero() -> None:
    values: list[float | None] = [100.0 + n % 24 for n in range(21 * 24)]
    with_gap = [None if 300 <= n < 420 or n % 31 == 0 else value for n, value in enumerate(values)]
    history = History(with_gap, around(len(values) + 24))
    for hour, each in enumerate(predict(history, learn(history), 24)):
        assert each.value == pytest.approx(100 + hour, abs=0.5)


@pytest.mark.slow
def test_one_wild_value_changes_little() -> None:
    values = daily(28 * 24)
    wild = [*values]
    wild[-30] = 1e6
    calm, shaken = (History(each, around(len(values) + 24)) for each in (values, wild))
    models = learn(calm)
    both = zip(predict(calm, models, 24), predict(shaken, models, 24), strict=True)
    assert max(abs(a.value - b.value) for a, b in both) < 6


@pytest.mark.slow
def test_under_a_day_there_is_none_and_under_two_weeks_no_week() -> None:
    short = History(daily(23), around(100))
    assert not enough(short)
    week = History(daily(7 * 24), around(300))
    assert enough(week)
    assert [model.weekly for model in learn(week)] == [False]
    assert [model.weekly for model in learn(History(daily(21 * 24), around(600)))] == [False, True]


def test_what_never_was_negative_is_not_expected_to_be() -> None:
    sun = [max(0.0, 500 * math.sin((n % 24 - 6) * math.pi / 12)) for n in range(20 * 24)]
    history = History(sun, around(len(sun) + 48))
    assert min(each.low for each in predict(history, learn(history), 48)) >= 0


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 29, 23), (10, 25, 25)])
def test_the_hours_of_the_day_are_those_of_the_clock(month: int, day: int, hours: int) -> None:
    from datetime import date

    zone = ZoneInfo("Europe/Madrid")
    start, end = midnight(date(2026, month, day), zone), midnight(date(2026, month, day + 1), zone)
    assert (end - start) // HOUR == hours
    where = places(range(start - 24 * HOUR, end + 24 * HOUR, HOUR), zone)
    today = where.day[24 : 24 + hours]
    assert today == sorted(today)
    assert len(set(today)) == min(hours, 24)
    assert where.day[24 + hours :] == list(range(24))
    assert where.week[0] == 5 * 24
