from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipeline_play import model_of, toy_meter

from collector.model.quantity import QUANTITIES
from collector.pipeline.derive import apply, derivable, derive, inverted, quantities_of, rules, steps

PHASE_POWERS = tuple(f"{word}_power_l{n}" for word in ("active", "reactive", "apparent") for n in (1, 2, 3))


def turned(values: dict[str, float | None], **settings: float | bool) -> dict[str, float | None]:
    meter = toy_meter(**settings)
    return apply(steps(meter, model_of(*values)), values)


def test_ratios_apply_by_unit() -> None:
    values: dict[str, float | None] = {
        "voltage_l1_n": 57.7,
        "current_l1": 2.0,
        "active_power_total": 100.0,
        "active_energy_import": 10.0,
        "frequency": 60.0,
        "voltage_thd_l1": 2.5,
        "power_factor_total": 0.9,
    }
    assert turned(values, ct_ratio=20.0, vt_ratio=100.0) == {
        "voltage_l1_n": 5770.0,
        "current_l1": 40.0,
        "active_power_total": 200e3,
        "active_energy_import": 20e3,
        "frequency": 60.0,
        "voltage_thd_l1": 2.5,
        "power_factor_total": 0.9,
    }


def test_a_turned_transformer_turns_direction_and_nothing_else() -> None:
    values: dict[str, float | None] = {
        "voltage_l1_n": 230.0,
        "current_l1": 2.0,
        "active_power_l1": 400.0,
        "reactive_power_l1": -50.0,
        "apparent_power_l1": 460.0,
        "power_factor_l1": 0.87,
        "phase_angle_l1": 30.0,
        "active_power_demand_import": 300.0,
        "active_energy_import": 7.0,
        "active_energy_export_t1": 3.0,
        "active_energy_net": 4.0,
        "active_energy_sum": 10.0,
    }
    assert turned(values, invert=True) == {
        "voltage_l1_n": 230.0,
        "current_l1": 2.0,
        "active_power_l1": -400.0,
        "reactive_power_l1": 50.0,
        "apparent_power_l1": 460.0,
        "power_factor_l1": -0.87,
        "phase_angle_l1": -150.0,
        "active_power_demand_export": 300.0,
        "active_energy_export": 7.0,
        "active_energy_import_t1": 3.0,
        "active_energy_net": -4.0,
        "active_energy_sum": 10.0,
    }


@pytest.mark.parametrize("name", QUANTITIES)
def test_turning_twice_is_not_turning(name: str) -> None:
    assert inverted(name) in QUANTITIES
    assert inverted(inverted(name)) == name
    assert QUANTITIES[inverted(name)].unit == QUANTITIES[name].unit


def test_missing_stays_missing() -> None:
    assert turned({"active_energy_import": None}, invert=True, ct_ratio=5.0) == {"active_energy_export": None}


def test_what_the_model_does_not_have_is_left_out() -> None:
    assert apply(steps(toy_meter(), model_of("frequency")), {"frequency": 50.0, "current_n": 1.0}) == {
        "frequency": 50.0
    }


def test_totals_and_power_factor_follow_from_the_phases() -> None:
    values: dict[str, float | None] = dict.fromkeys(PHASE_POWERS, 100.0)
    derive(rules(values), values)
    assert values["active_power_total"] == values["apparent_power_total"] == 300.0
    assert values["power_factor_total"] == 1.0


def test_a_missing_phase_makes_the_total_missing_not_smaller() -> None:
    values: dict[str, float | None] = dict.fromkeys(PHASE_POWERS, 100.0) | {"active_power_l2": None}
    derive(rules(values), values)
    assert values["active_power_total"] is None
    assert values["power_factor_total"] is None
    assert values["apparent_power_total"] == 300.0


def test_phases_that_were_not_due_make_no_total() -> None:
    values: dict[str, float | None] = {"frequency": 50.0}
    derive(rules(PHASE_POWERS), values)
    assert values == {"frequency": 50.0}


def test_what_the_meter_measures_is_not_derived() -> None:
    assert derivable((*PHASE_POWERS, "active_power_total", "power_factor_total")) == (
        "reactive_power_total",
        "apparent_power_total",
    )


def test_a_standing_machine_has_no_power_factor() -> None:
    values: dict[str, float | None] = {"active_power_total": 0.0, "apparent_power_total": 0.0}
    derive(rules(values), values)
    assert values["power_factor_total"] is None


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_a_derived_power_factor_is_possible_or_missing(active: float, apparent: float) -> None:
    values: dict[str, float | None] = {"active_power_total": active, "apparent_power_total": apparent}
    derive(rules(values), values)
    factor = values["power_factor_total"]
    assert factor is None or -1.0 <= factor <= 1.0


def test_the_columns_of_a_meter_are_measured_turned_and_derived() -> None:
    model = model_of("active_power_l1", "active_power_l2", "active_power_l3", "active_energy_import")
    assert quantities_of(toy_meter(), model) == (*model.quantities(), "active_power_total")
    assert "active_energy_export" in quantities_of(toy_meter(invert=True), model)
    assert "active_energy_import" not in quantities_of(toy_meter(invert=True), model)


def test_every_column_is_a_known_quantity() -> None:
    model = model_of(*QUANTITIES)
    for invert in (False, True):
        assert set(quantities_of(toy_meter(invert=invert), model)) == set(QUANTITIES)
