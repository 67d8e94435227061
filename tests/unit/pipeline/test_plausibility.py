from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipeline_play import toy_meter

from collector.model.quantity import QUANTITIES, Kind
from collector.pipeline.plausibility import Plausibility, limits_of

KNOWN = toy_meter(nominal_voltage=220.0, nominal_frequency=60.0, rated_apparent_power=50e3)
UNKNOWN = toy_meter()
ALL = tuple(QUANTITIES)


GARBAGE = (1e30, -1e30, math.inf, -math.inf, math.nan, 1.8446744073709552e19)


@pytest.mark.parametrize("name", ALL)
def test_garbage_is_refused_for_every_quantity(name: str) -> None:
    for meter, garbage in itertools.product((KNOWN, UNKNOWN), GARBAGE):
        values: dict[str, float | None] = {name: garbage}
        refused = Plausibility(meter, ALL).refuse(values)
        assert values == {name: None}, garbage
        assert len(refused) == 1
        assert refused[0].startswith(f"{name} ")


@pytest.mark.parametrize(
    "name", ["voltage_l1_n", "voltage_l1_l2", "current_l1", "frequency", "apparent_power_l1", "active_energy_import"]
)
def test_minus_seven_is_refused_where_nothing_is_negative(name: str) -> None:
    values: dict[str, float | None] = {name: -7.0}
    assert Plausibility(UNKNOWN, ALL).refuse(values) == [f"{name} too_low"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("voltage_l1_n", 0.0),
        ("voltage_l1_n", 381.0),  # neutral lost: the whole line voltage
        ("voltage_l1_l2", 440.0),  # split phase
        ("frequency", 0.0),  # the generator stands
        ("frequency", 38.2),  # it runs down
        ("frequency", 108.0),  # the turbine lost its load
        ("current_l1", 1200.0),  # a motor starts
        ("active_power_total", -50e3),
        ("power_factor_total", -1.0),
        ("power_factor_total", 1.0000001),
        ("current_thd_l1", 412.0),
        ("phase_angle_l1", -180.0),
        ("active_energy_net", -5e6),
        ("active_energy_import", 9.99e11),
    ],
)
@pytest.mark.parametrize("meter", [KNOWN, UNKNOWN], ids=["configured", "nothing configured"])
def test_what_happens_at_sites_is_not_refused(name: str, value: float, meter: object) -> None:
    values: dict[str, float | None] = {name: value}
    assert Plausibility(meter, ALL).refuse(values) == []  # type: ignore[arg-type]
    assert values == {name: value}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("voltage_l1_n", 6553.5),
        ("voltage_l1_n", 2.4e-41),
        ("active_power_l1", -1e-44),
        ("frequency", 3.0),
        ("frequency", 6000.0),
        ("power_factor_l1", 1.7),
    ],
)
def test_what_no_site_has_is_refused(name: str, value: float) -> None:
    assert len(Plausibility(KNOWN, ALL).refuse({name: value})) == 1


def test_large_sites_need_no_configuration() -> None:
    values: dict[str, float | None] = {
        "voltage_l1_l2": 765e3,
        "current_l1": 25e3,
        "active_power_total": 700e6,
        "frequency": 16.7,
    }
    assert Plausibility(UNKNOWN, ALL).refuse(values) == []


@given(st.sampled_from(ALL), st.floats(allow_nan=True))
def test_a_value_is_either_kept_as_it_is_or_missing_and_counted(name: str, value: float) -> None:
    limits = limits_of(QUANTITIES[name], KNOWN)
    values: dict[str, float | None] = {name: value}
    refused = Plausibility(KNOWN, ALL).refuse(values)
    if refused:
        assert values[name] is None
    else:
        assert values[name] == value
        assert limits.low <= value <= limits.high


def test_missing_stays_missing_and_is_not_counted() -> None:
    values: dict[str, float | None] = {"frequency": None}
    assert Plausibility(KNOWN, ALL).refuse(values) == []


def test_every_quantity_has_limits() -> None:
    for quantity in QUANTITIES.values():
        limits = limits_of(quantity, KNOWN)
        assert limits.low < limits.high
        assert limits.low < 0 or quantity.kind is not Kind.BALANCE
