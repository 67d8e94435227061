"""Advice rests on numbers, and following it would mend what it is about."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quality_minutes import intervals

from collector.insight.quality.advice import Facts, advise
from collector.insight.quality.assess import Nominal, deviations, figures, verdicts
from collector.insight.quality.load import use
from collector.insight.quality.profile import profiles

NOMINAL = Nominal(230.0, 50.0)


def told(values, profile="en50160", rated=None):
    made = intervals({name: [value] * 1440 for name, value in values.items()})
    found = deviations(made, NOMINAL)
    means = {figure.name: figure.mean for figure in figures(found, None)}
    judged = verdicts(profiles()[profile], found, 144, 144)
    facts = Facts(profiles()[profile], NOMINAL, rated, judged, means, use(made, rated))
    return {advice.code: advice for advice in advise(facts)}


FINE = {"voltage_l1_n": 231.0, "voltage_l2_n": 229.0, "voltage_l3_n": 230.0, "frequency": 50.01}


def test_when_all_is_well_it_says_so_in_one_line():
    assert list(told(FINE)) == ["well"]


def test_when_nothing_was_measured_it_does_not_say_that_all_is_well():
    assert list(told({"active_power_total": 100.0})) == ["unknown"]


@pytest.mark.slow
@given(st.floats(100, 1e5), st.floats(0.3, 0.89))
def test_the_capacitor_brings_the_power_factor_to_what_is_wanted(watts, factor):
    reactive = watts * math.tan(math.acos(factor))
    advice = told({**FINE, "active_power_total": watts, "reactive_power_total": reactive})["power_factor"]
    left = reactive - advice.values["reactive"].value
    assert watts / math.hypot(watts, left) == pytest.approx(0.9, abs=1e-6)


def test_a_capacitive_load_is_not_told_to_buy_capacitors():
    advice = told({**FINE, "active_power_total": 100.0, "reactive_power_total": -100.0})["power_factor"]
    assert "capacitive" in advice.action


@pytest.mark.slow
@given(st.lists(st.floats(1, 100), min_size=3, max_size=3, unique=True))
def test_moving_the_load_makes_the_worst_phase_better(amps):
    found = told({**FINE, **{f"current_l{n}": value for n, value in enumerate(amps, 1)}})
    if "unbalance" not in found:
        return
    moved = list(amps)
    values = found["unbalance"].values
    moved[int(values["from"][1]) - 1] -= values["amps"].value
    moved[int(values["to"][1]) - 1] += values["amps"].value
    mean = sum(amps) / 3
    assert max(abs(value - mean) for value in moved) <= max(abs(value - mean) for value in amps)


def test_loads_that_take_turns_are_not_moved_for_good():
    """Each phase carries most for a third of the time: over all of it they carry alike."""
    steady = {name: [value] * 1440 for name, value in FINE.items()}
    turns = {f"current_l{n}": [9.0 if minute // 10 % 3 == n - 1 else 3.0 for minute in range(1440)] for n in (1, 2, 3)}
    made = intervals({**steady, **turns})
    means = {figure.name: figure.mean for figure in figures(deviations(made, NOMINAL), None)}
    facts = Facts(profiles()["en50160"], NOMINAL, None, [], means, use(made, None))
    (advice,) = [each for each in advise(facts) if each.code == "unbalance"]
    assert "take turns" in advice.action and "from" not in advice.values


@pytest.mark.parametrize(
    ("profile", "volts", "code", "words"),
    [
        ("en50160", 260.0, "voltage_high", "lower"),
        ("en50160", 200.0, "voltage_low", "higher"),
        ("island", 260.0, "voltage_high", "regulator"),
    ],
)
def test_voltage(profile, volts, code, words):
    advice = told({**FINE, **{f"voltage_l{n}_n": volts for n in (1, 2, 3)}}, profile)[code]
    assert words in advice.action
    assert advice.values["volts"].value == pytest.approx(abs(volts - 230))


@pytest.mark.parametrize(("hertz", "code"), [(52.0, "overspeed"), (48.0, "underspeed")])
def test_a_turbine_that_turns_wrong(hertz, code):
    assert told({**FINE, "frequency": hertz}, "island")[code].level == "wrong"


def test_overload_and_light_load():
    excess = told({**FINE, "apparent_power_total": 1200.0}, rated=1000.0)["overload"].values["excess"]
    assert excess.value == pytest.approx(200)
    assert list(told({**FINE, "apparent_power_total": 50.0}, rated=1000.0)) == ["well", "light"]


def test_every_sentence_has_the_values_that_it_names():
    worst = {**{f"voltage_l{n}_n": 190.0 + 30 * n for n in (1, 2, 3)}, "frequency": 53.0, "voltage_thd_l1": 12.0}
    worst |= {"current_l1": 5.0, "current_l2": 20.0, "current_l3": 10.0, "apparent_power_total": 2000.0}
    worst |= {"active_power_total": 500.0, "reactive_power_total": 1500.0}
    for profile in profiles():
        found = told(worst, profile, rated=1000.0)
        assert len(found) >= 4
        for advice in found.values():
            (advice.meaning + advice.action) % advice.values
