"""Power follows the pulses, falls when they stay away, and is missing rather than stale."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.sources.pulses.pace import PATIENCE, Pace


def ns(seconds: float) -> int:
    return round(seconds * 1e9)


def test_one_pulse_says_nothing_and_two_say_the_power() -> None:
    pace = Pace(1000)
    assert pace.power(ns(0)) is None
    pace.pulse(ns(10), 1)
    assert pace.power(ns(11)) is None
    pace.pulse(ns(13.6), 1)
    assert pace.power(ns(13.6)) == pytest.approx(1000)
    assert pace.power(ns(17)) == pytest.approx(1000)


def test_power_falls_as_long_as_pulses_stay_away_and_is_missing_at_last() -> None:
    pace = Pace(1000)
    pace.pulse(ns(0), 1)
    pace.pulse(ns(3.6), 1)
    assert pace.power(ns(3.6 + 36)) == pytest.approx(100)
    assert pace.power(ns(3.6 + 360)) == pytest.approx(10)
    assert pace.power(ns(3.6 + PATIENCE)) == pytest.approx(1)
    assert pace.power(ns(3.7 + PATIENCE)) is None
    pace.pulse(ns(3.6 + 7200), 1)
    assert pace.power(ns(3.6 + 7200)) == pytest.approx(0.5)


def test_a_meter_of_few_pulses_is_waited_for() -> None:
    pace = Pace(1)
    pace.pulse(ns(0), 1)
    pace.pulse(ns(7200), 1)
    assert pace.power(ns(7200 + 7200)) == pytest.approx(500)
    assert pace.power(ns(7200 + 14400)) == pytest.approx(250)
    assert pace.power(ns(7200 + 14401)) is None


def test_after_a_break_the_time_between_pulses_means_nothing() -> None:
    pace = Pace(1000)
    pace.pulse(ns(0), 1)
    pace.pulse(ns(3.6), 1)
    pace.forget()
    assert pace.power(ns(4)) is None
    pace.pulse(ns(100), 1)
    assert pace.power(ns(100)) is None


@given(st.lists(st.tuples(st.floats(0.05, 500), st.integers(1, 5)), min_size=1, max_size=30), st.floats(0, 1e4))
def test_power_is_never_more_than_the_pulses_and_the_pause_allow(gaps: list[tuple[float, int]], pause: float) -> None:
    pace, now = Pace(1000), 1000.0
    pace.pulse(ns(now), 1)
    for gap, pulses in gaps:
        now += gap
        pace.pulse(ns(now), pulses)
    mean = 3600.0 * sum(pulses for _, pulses in gaps) / sum(gap for gap, _ in gaps)
    power = pace.power(ns(now + pause))
    assert power is None or 0 < power <= mean * 1.0001
    assert power is None or power * pause <= 3600.0 * 1.0001
