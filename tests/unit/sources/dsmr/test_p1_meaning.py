"""What the values of a P1 telegram mean: totals of tariffs, powers with their sign, and the meter's own number."""

from __future__ import annotations

import pytest
from p1_captures import FOLDER, capture

from collector.devices import catalogue
from collector.sources.dsmr.decode import decode
from collector.sources.dsmr.listener import serial_number
from collector.sources.iec62056.meaning import Meaning
from collector.sources.telegram import Value

MODEL = catalogue.load("generic-dsmr")


def energies(**kwh: float) -> list[Value]:
    return [Value("1-0:" + name.removeprefix("c").replace("_", "."), None, value, "kWh") for name, value in kwh.items()]


def told(meaning: Meaning, values: list[Value]) -> dict[str, float]:
    return {name: value for name, value in meaning.of(values).values.items() if value is not None}


def test_a_total_is_the_sum_of_the_tariffs() -> None:
    assert told(Meaning(MODEL), energies(c1_8_1=1.5, c1_8_2=2.25)) == {
        "active_energy_import": 3750.0,
        "active_energy_import_t1": 1500.0,
        "active_energy_import_t2": 2250.0,
    }


def test_the_meters_own_total_wins() -> None:
    found = told(Meaning(MODEL), energies(c1_8_0=4.0, c1_8_1=1.5, c1_8_2=2.25))
    assert found["active_energy_import"] == 4000.0


def test_a_tariff_that_was_there_and_is_not_leaves_no_total() -> None:
    meaning = Meaning(MODEL)
    assert "active_energy_export" in told(meaning, energies(c2_8_1=1.0, c2_8_2=2.0))
    assert told(meaning, energies(c2_8_1=1.0)) == {"active_energy_export_t1": 1000.0}
    assert told(meaning, energies(c2_8_1=1.0, c2_8_2=2.5))["active_energy_export"] == 3500.0


def test_a_total_that_was_told_once_is_never_a_sum() -> None:
    meaning = Meaning(MODEL)
    told(meaning, energies(c1_8_0=4.0, c1_8_1=1.5))
    assert told(meaning, energies(c1_8_1=1.5)) == {"active_energy_import_t1": 1500.0}


def test_a_power_is_import_less_export() -> None:
    values = [Value("1-0:1.7.0", None, 0.1, "kW"), Value("1-0:2.7.0", None, 1.8, "kW")]
    assert told(Meaning(MODEL), values) == {"active_power_total": -1700.0}


@pytest.mark.parametrize(
    ("values", "number"),
    [
        ({"0-0:96.1.1": "4B384547303034303436333935353037"}, "K8EG004046395507"),
        ({"0-1:96.1.0": "3232323241424344", "0-0:96.1.0": "383930303832323030303032313630"}, "890082200002160"),
        ({"0-0:96.1.1": "ADC3100000158491"}, "ADC3100000158491"),
        ({"0-0:96.1.0": "09610"}, "09610"),
        ({"0-1:96.1.0": "3232323241424344", "0-0:96.1.1": ""}, None),
    ],
)
def test_a_meters_number_is_its_own(values: dict[str, str], number: str | None) -> None:
    assert serial_number([Value(code, None, text) for code, text in values.items()]) == number


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the captures are not here")
@pytest.mark.parametrize(
    ("name", "true"),
    [
        ("FLUVIUS_V171", {"active_energy_import": 15792.0, "active_power_demand_import": 2351.0}),
        ("ISKRA_IE", {"active_power_total": -100.0, "active_power_l2": -10.0, "voltage_l3_n": 243.3}),
        ("SAGEMCOM_T210_D_R", {"active_energy_import": 6545766.0, "reactive_power_total": -166.0}),
        ("V2_2", {"active_energy_import": 2002.0, "active_energy_export": 2002.0, "active_power_total": 1010.0}),
        ("V5", {"active_energy_import": 6825.0, "current_l3": 0.86, "active_power_l3": 142.0}),
        ("V5_EON_HU", {"active_energy_import": 173640.0, "active_power_total": -2601.0, "frequency": 50.0}),
        ("UNPADDED_CRC", {}),
    ],
)
def test_real_meters(name: str, true: dict[str, float]) -> None:
    (telegram,) = decode(capture(f"ndokter-dsmr_parser/TELEGRAM_{name}.txt"))
    understood = Meaning(MODEL).of(telegram.values)
    assert understood.doubts == ()
    assert {quantity: understood.values[quantity] for quantity in true} == true
    if not true:  # a meter of heat
        assert set(understood.values.values()) == {None}
