"""The simulated plant obeys physics, at any time and for any seed."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.model.quantity import PHASES, QUANTITIES
from collector.sources.simulator import Plant

TIMES = st.floats(0, 4e8)
PLANTS = st.builds(Plant, seed=st.integers(0, 1000), load=st.sampled_from([3600.0, 300.0, -5000.0]))


def test_every_quantity_there_is_has_a_value():
    assert set(Plant().at(1000.0)) == set(QUANTITIES)


@settings(deadline=None)
@given(PLANTS, TIMES)
def test_powers_fit_together(plant, time):
    v = plant.at(time)
    for part in (*PHASES, "total"):
        p, q, s = (v[f"{word}_power_{part}"] for word in ("active", "reactive", "apparent"))
        assert math.isclose(p * p + q * q, s * s, rel_tol=1e-9)
        assert math.isclose(v[f"power_factor_{part}"], p / s, rel_tol=1e-9)
        assert abs(v[f"power_factor_{part}"]) <= 1
    for phase in PHASES:
        assert math.isclose(v[f"apparent_power_{phase}"], v[f"voltage_{phase}_n"] * v[f"current_{phase}"], rel_tol=1e-9)
    for word in ("active", "reactive"):
        parts = sum(v[f"{word}_power_{phase}"] for phase in PHASES)
        assert math.isclose(v[f"{word}_power_total"], parts, rel_tol=1e-9)


@settings(deadline=None)
@given(PLANTS, TIMES)
def test_a_plausible_grid(plant, time):
    v = plant.at(time)
    assert all(210 < v[f"voltage_{phase}_n"] < 230 for phase in PHASES)
    assert 1.68 < v["voltage_l1_l2"] / v["voltage_l1_n"] < 1.79
    assert 59.7 < v["frequency"] < 60.3
    assert 0 <= v["current_n"] <= sum(v[f"current_{phase}"] for phase in PHASES)


@pytest.mark.slow
@settings(deadline=None, max_examples=30)
@given(PLANTS, st.floats(0, 2e8))
def test_energy_is_the_integral_of_power(plant, start):
    """Trapezes over a minute; each appliance that switches makes them a little wrong."""
    steps = 600
    power = [abs(plant.at(start + 0.1 * k)["active_power_total"]) for k in range(steps + 1)]
    integral = (sum(power) - (power[0] + power[-1]) / 2) * 0.1 / 3600
    word = "active_energy_import" if plant.at(start)["active_power_total"] > 0 else "active_energy_export"
    counted = plant.at(start + 60)[word] - plant.at(start)[word]
    assert counted == pytest.approx(integral, rel=0.005)


@settings(deadline=None)
@given(PLANTS, TIMES, st.floats(0, 1e7))
def test_counters_never_fall(plant, time, later):
    before, after = plant.at(time), plant.at(time + later)
    for name in ("active_energy_import", "active_energy_export", "reactive_energy_import", "apparent_energy"):
        assert after[name] >= before[name] * (1 - 1e-12)


@settings(deadline=None)
@given(PLANTS, TIMES)
def test_counters_of_phases_and_tariffs_add_up(plant, time):
    v = plant.at(time)
    for way in ("import", "export"):
        total = v[f"active_energy_{way}"]
        assert math.isclose(total, sum(v[f"active_energy_{way}_{p}"] for p in PHASES), abs_tol=1e-6)
        assert math.isclose(total, sum(v[f"active_energy_{way}_t{t}"] for t in (1, 2, 3, 4)), abs_tol=1e-6)
    assert math.isclose(v["active_energy_net"], v["active_energy_import"] - v["active_energy_export"], abs_tol=1e-6)


def test_the_same_seed_is_the_same_plant_and_another_is_not():
    assert Plant(seed=3).at(5e6) == Plant(seed=3).at(5e6)
    assert Plant(seed=3).at(5e6)["active_power_total"] != Plant(seed=4).at(5e6)["active_power_total"]


def test_more_is_used_in_the_evening_than_in_the_small_hours():
    midnight = 4 * 3600.0  # 00:00 in the village
    days = range(30)
    evening = sum(Plant().at(midnight + day * 86400 + 19 * 3600)["active_power_total"] for day in days)
    night = sum(Plant().at(midnight + day * 86400 + 3 * 3600)["active_power_total"] for day in days)
    assert evening > 1.3 * night
