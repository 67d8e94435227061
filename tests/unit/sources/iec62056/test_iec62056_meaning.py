"""A quantity is what the meter says beyond doubt, in the quantity's own unit, or it is missing."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iec62056_captures import FOLDER

from collector.devices import catalogue
from collector.devices.map import Code
from collector.sources.iec62056.data_lines import Lines
from collector.sources.iec62056.decode import decode
from collector.sources.iec62056.meaning import Meaning, Understood, serial_number
from collector.sources.telegram import Value

GENERIC = catalogue.load("generic-iec62056-21")


def values(*lines: str) -> list[Value]:
    found = Lines()
    for line in lines:
        found.take(line)
    return found.values


def understood(*lines: str) -> Understood:
    return Meaning(GENERIC).of(values(*lines))


def one(quantity: str, *lines: str) -> float | None:
    return understood(*lines).values[quantity]


def test_units_become_si() -> None:
    assert one("active_energy_import", "1.8.0(0033402.264*kWh)") == 33402264.0
    assert one("active_energy_import", "1.8.0(33.5*MWh)") == 33.5e6
    assert one("active_energy_import", "1-0:1.8.0*255(7*Wh)") == 7.0
    assert one("current_l1", "31.7(350*mA)") == 0.35
    assert one("active_power_l1", "1-1:36.7.0(-000.82*kW)") == -820.0
    assert one("power_factor_total", "13.7.0(0.98)") == 0.98


def test_power_is_the_total_or_import_less_export() -> None:
    assert one("active_power_total", "16.7.0(-0.5*kW)", "1.7.0(0.1*kW)", "2.7.0(0.6*kW)") == -500.0
    assert one("active_power_total", "1.7.0(0.1*kW)", "2.7.0(0.6*kW)") == -500.0
    assert one("active_power_total", "1.7.0(0.1*kW)") == 100.0
    assert one("active_power_total", "2.7.0(0.6*kW)") is None
    assert one("active_power_total", "1.7.0(0.1*kW)", "2.7.0(---*kW)") is None
    assert one("active_power_total") is None


def test_history_is_not_the_present() -> None:
    assert one("active_energy_import", "1.8.0*01(12*kWh)") is None
    assert one("active_energy_import", "1.8.0&01(12*kWh)") is None
    assert one("active_energy_import", "1.8.0*01(12*kWh)", "1.8.0(13*kWh)") == 13000.0


@pytest.mark.parametrize(
    ("quantity", "lines", "doubt"),
    [
        ("active_energy_import", ["1.8.0(12*kvarh)"], "bad_answer_unit"),
        ("active_energy_import", ["1.8.0(12*kWh)", "1.8.0(13*kWh)"], "bad_answer_ambiguous"),
        ("active_energy_import", ["1-1:1.8.0(12*kWh)", "1-2:1.8.0(13*kWh)"], "bad_answer_ambiguous"),
        ("active_power_total", ["16.7.0(0.5)"], "bad_answer_no_unit"),
    ],
)
def test_what_is_doubtful_is_missing_and_counted(quantity: str, lines: list[str], doubt: str) -> None:
    found = understood(*lines)
    assert found.values[quantity] is None
    assert found.doubts == (doubt,)


def test_the_voltage_is_not_the_number_of_dips() -> None:
    assert one("voltage_l1_n", "32.7.0(239.5*V)", "32.7.0(0002)(00-01-01 01:32)") == 239.5
    assert one("voltage_l1_n", "32.7.0(0002)(00-01-01 01:32)") is None


def test_a_number_without_unit_is_what_the_model_says() -> None:
    assert one("active_energy_import", "1.8.0(000001.2963)") == 1296.3
    assert one("active_energy_import", "1.8.0(00012345)") == 12345000.0
    pafal = Meaning(catalogue.load("pafal-12ec3g"))
    assert pafal.of(values("1.8.0*00(000783.16)(000783.16)")).values["active_energy_import"] == 783160.0


def test_codes_of_a_maker() -> None:
    kamstrup = Meaning(catalogue.load("kamstrup-685-382"))
    found = kamstrup.of(values("1.20(0083038*kWh)", "1.20.1(0083038*kWh)", "1.20.2(0000000*kWh)", "1.6(000007,4*kW)"))
    assert found.values["active_energy_import"] == 83038000.0
    assert found.values["active_energy_import_t2"] == 0.0


@pytest.mark.skipif(not FOLDER.is_dir(), reason="captures of real meters are not here")
def test_an_easymeter_says_the_sign_of_its_power() -> None:
    (telegram,) = decode((FOLDER / "jonkerj-go-iec62056" / "easymeter_d3da.bin").read_bytes())
    found = Meaning(catalogue.load("easymeter-q3d")).of(telegram.values)
    assert found.values == {
        "active_energy_import": pytest.approx(780.1269),
        "active_energy_export": pytest.approx(7041229.2533),
        "active_power_total": -142.3,
        "active_power_l1": -73.69,
        "active_power_l2": 0.0,
        "active_power_l3": -68.61,
    }
    assert serial_number(telegram.values) == "111940207"
    other = Meaning(catalogue.load("easymeter-q3d")).of(values("1-0:21.7.0*255(-000008.82*W)"))  # of other firmware
    assert other.values["active_power_l1"] == -8.82


def test_the_number_of_the_meter() -> None:
    assert serial_number(values("0.0.0(11)", "C.1.0(22)")) == "22"
    assert serial_number(values("0.0(          120858)")) == "120858"
    assert serial_number(values("1-0:0.0.0*255(1ESY11)")) == "1ESY11"
    assert serial_number(values("0-1:96.1.0(999)")) is None  # the gas meter behind it
    assert serial_number(values("C.1.0(        )", "0.0.0(11)")) == "11"


@given(
    st.lists(st.sampled_from(["1.7.0(0.1*kW)", "2.7.0(0.6*kW)", "16.7.0(-0.5*kW)", "1.8.0(1*kWh)", "x(1)", "1.7.0()"]))
)
def test_order_and_repetition_change_nothing(lines: list[str]) -> None:
    found = understood(*lines)
    assert found.values["active_power_total"] in (None, -500.0, 100.0)
    assert understood(*reversed(lines), *lines).values["active_energy_import"] == found.values["active_energy_import"]


def test_every_quantity_of_a_model_is_told_or_missing() -> None:
    model = dataclasses.replace(GENERIC, codes=(Code("1.8.0", "active_energy_import"),))
    assert dict(Meaning(model).of(()).values) == {"active_energy_import": None}
