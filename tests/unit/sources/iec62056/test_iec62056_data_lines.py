"""Data lines are read as meters write them, with all their habits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.sources.iec62056.data_lines import Lines
from collector.sources.telegram import Value


def read(line: str) -> list[tuple[str, float | str | None, str]]:
    return [(value.code, value.value, value.unit) for value in taken(line).values]


def taken(*lines: str) -> Lines:
    found = Lines()
    for line in lines:
        found.take(line)
    return found


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1.8.0(0033402.264*kWh)", [("1.8.0", 33402.264, "kWh")]),
        ("1.6(000007,4*kW)", [("1.6", 7.4, "kW")]),
        ("1-1:16.7.0( 000.03*kW)", [("1-1:16.7.0", 0.03, "kW")]),
        ("1-1:36.7.0(-000.82*kW)", [("1-1:36.7.0", -0.82, "kW")]),
        ("36.7.0(- 0.82 *kW)", [("36.7.0", -0.82, "kW")]),
        ("31.7.0(+000.8*A)", [("31.7.0", 0.8, "A")]),
        ("1.8.0(000001.2963)", [("1.8.0", 1.2963, "")]),
        ("1.8.0(12*)", [("1.8.0", 12.0, "")]),
        ("1.7.0(----*kW)", [("1.7.0", None, "kW")]),
        ("C.1.1(        )", [("C.1.1", None, "")]),
        ("0-0:96.13.1()", [("0-0:96.13.1", None, "")]),
        ("0.0(          120858)", [("0.0", "120858", "")]),
        ("F.F(00000000)", [("F.F", "00000000", "")]),
        ("C.5.0(04A1)", [("C.5.0", "04A1", "")]),
        ("0.2.0(V01.69#EEA3546C)", [("0.2.0", "V01.69#EEA3546C", "")]),
        ("0.9.1(16:40:56)", [("0.9.1", "16:40:56", "")]),
        ("72.7.0(0005)(17-09-20 02:51)", [("72.7.0", "0005", ""), ("72.7.0", "17-09-20 02:51", "")]),
        ("1.6.0*5(1.124*kW 1250625171500)", [("1.6.0*5", 1.124, "kW"), ("1.6.0*5", "1250625171500", "")]),
        ("9.4(088*C&082*C)", [("9.4", 88.0, "C"), ("9.4", 82.0, "C")]),
        ("6.8(0029.055*MWh)6.26(01589.28*m3)F(0)", [("6.8", 29.055, "MWh"), ("6.26", 1589.28, "m3"), ("F", "0", "")]),
        ("1.8.0*00(783.16)(783.16)", [("1.8.0*00", 783.16, ""), ("1.8.0*00", 783.16, "")]),
        ("0.2.2(:::::G11)!(:::::G11)(!)", [("0.2.2", ":::::G11", ""), ("0.2.2", ":::::G11", ""), ("0.2.2", "!", "")]),
        ("0-2:96.1.0(0-0:96.7.19)", [("0-2:96.1.0", "0-0:96.7.19", "")]),
        ("(/SX330)", [("", "/SX330", "")]),
    ],
)
def test_a_line(line: str, expected: list[tuple[str, float | str | None, str]]) -> None:
    assert read(line) == expected
    assert taken(line).odd == 0


def test_an_empty_address_belongs_to_the_value_before() -> None:
    lines = taken("0-1:24.3.0(090212160000)(00)(0-1:24.2.1)(m3)", "(00001.001)")
    assert {value.code for value in lines.values} == {"0-1:24.3.0"}
    assert lines.values[-1].value == 1.001


@pytest.mark.parametrize("line", ["1.8.0", "1.8.0(12", "1.8.0)12(", "1.8.0(1)2(", "\x02!(1)", "a" * 40 + "(1)"])
def test_what_is_no_data_line_is_counted(line: str) -> None:
    assert taken(line).odd == 1


def quantities(*lines: str) -> list[str | None]:
    return [value.quantity for value in taken(*lines).values]


def test_a_quantity_is_named_once_and_for_the_present_only() -> None:
    assert quantities("1.8.0(1*kWh)", "1.8.0*01(1*kWh)", "1.8.0&01(1*kWh)") == ["active_energy_import", None, None]
    assert quantities("1-0:1.8.0*255(1*kWh)") == ["active_energy_import"]
    assert quantities("32.7.0(239*V)", "32.7.0(0002)(00-01-01 01:32)") == ["voltage_l1_n", None, None]
    assert quantities("32.7.0(0002)(00-01-01 01:32)") == [None, None]
    assert quantities("9.4(088*C&082*C)", "9.7(20000)") == [None, None, None]  # a heat meter's own numbers
    assert quantities("1.8.0(5*kvarh)") == [None]


@given(st.decimals(-99999, 99999, places=3), st.sampled_from(["kWh", "V", "A", "kW", "Hz"]), st.booleans())
def test_every_number_comes_back(number: object, unit: str, comma: bool) -> None:
    text = str(number).replace(".", "," if comma else ".")
    assert taken(f"1.8.0({text}*{unit})").values == [
        Value("1.8.0", "active_energy_import" if unit == "kWh" else None, float(str(number)), unit)
    ]


@given(st.text("()*&+-., 0123456789AbC/!:", max_size=80))
def test_any_line_is_taken(line: str) -> None:
    taken(line, line)
