"""Ten-minute values are judged by the profile: missing time is excluded and shown, never counted as good."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from quality_minutes import START, intervals

from collector.insight.quality.assess import Nominal, deviations, figures, method, verdicts
from collector.insight.quality.percentile import percentile
from collector.insight.quality.profile import profiles
from collector.insight.quality.symmetry import Method

NOMINAL = Nominal(230.0, 50.0)
DAY = 144


def judged(values, missing=(), profile="en50160", whole=DAY):
    found = deviations(intervals(values, missing), NOMINAL)
    return {(v.figure, v.limit.share): v for v in verdicts(profiles()[profile], found, whole, whole)}


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.floats(0, 1))
def test_percentiles_are_numpys(values, share):
    assert percentile(sorted(values), share) == pytest.approx(float(np.percentile(values, share * 100)), abs=1e-6)


@pytest.mark.parametrize("name", profiles())
def test_every_profile_says_where_its_limits_come_from(name):
    profile = profiles()[name]
    assert profile.title and profile.note and profile.name == name
    assert all(limit.source for limit in profile.limits)


def test_profiles_of_the_issue_are_there():
    assert {"en50160", "gbt", "ansi-c84-1", "island"} <= set(profiles())


def test_a_10_minute_value_is_the_quadratic_mean():
    found = intervals({"voltage_l1_n": [200.0] * 5 + [240.0] * 5})
    assert found[0].values["voltage_l1_n"] == pytest.approx(((200**2 + 240**2) / 2) ** 0.5)


def test_a_10_minute_value_needs_eight_of_its_minutes():
    values = {"voltage_l1_n": [230.0] * 20}
    assert len(intervals(values, missing=[0, 1])) == 2
    assert len(intervals(values, missing=[0, 1, 2])) == 1


def test_qualification_rate_counts_what_was_measured():
    volts = [230.0] * 1200 + [260.0] * 240  # 24 of 144 intervals are too high
    found = judged({"voltage_l1_n": volts})["voltage_l1", 0.95]
    assert (found.measured, found.inside, found.good) == (144, 120, False)
    assert found.rate == pytest.approx(120 / 144)
    assert found.worst[0] == (START + 1200 * 60_000, pytest.approx(100 * 30 / 230))


def test_missing_time_is_neither_good_nor_bad():
    found = judged({"voltage_l1_n": [230.0] * 1440}, missing=range(700))["voltage_l1", 0.95]
    assert found.missing == 70
    assert found.rate == 1.0
    assert found.good is None


def test_what_no_rest_can_mend_is_bad_at_once():
    found = judged({"voltage_l1_n": [200.0] * 100}, whole=DAY)["voltage_l1", 0.95]
    assert found.good is False


def test_lines_are_judged_where_there_is_no_neutral():
    found = judged({"voltage_l1_l2": [400.0] * 1440, "voltage_l2_l3": [400.0] * 1440})
    assert found["voltage_l1_l2", 0.95].good is True


def test_nominal_that_nobody_told_is_no_nominal():
    found = deviations(intervals({"voltage_l1_n": [230.0] * 10}), Nominal(None, None))
    assert found == {}


@pytest.mark.parametrize(
    ("values", "how"),
    [
        ({f"voltage_{pair}": [400.0] * 10 for pair in ("l1_l2", "l2_l3", "l3_l1")}, Method.NEGATIVE_SEQUENCE),
        ({f"voltage_{phase}_n": [230.0] * 10 for phase in ("l1", "l2", "l3")}, Method.MEAN_DEVIATION),
        ({"voltage_l1_n": [230.0] * 10}, None),
    ],
)
def test_the_method_is_named(values, how):
    found = intervals(values)
    assert method(found) is how
    names = {figure.name: figure.method for figure in figures(deviations(found, NOMINAL), how)}
    assert names.get("voltage_unbalance") == (how.value if how else None)


@pytest.mark.slow
@given(st.lists(st.one_of(st.none(), st.floats(0, 500)), min_size=30, max_size=60))
def test_counts_always_add_up(volts):
    for found in judged({"voltage_l1_n": volts}).values():
        assert 0 <= found.inside <= found.measured <= found.expected
        assert len(found.worst) <= min(5, found.measured - found.inside)
