"""Frames of DL/T 645 become values as the standard writes them; whatever is doubtful becomes a problem, not a value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.sources.dlt645 import decode, pictures
from collector.sources.dlt645.frame import Frame, build, search
from collector.sources.dlt645.identifiers import block, items, members
from collector.sources.telegram import Telegram, Value

METER = "123456789012"
ADDRESSES = st.text("0123456789", min_size=12, max_size=12)


def answer(code: str, data: str, control: int = 0, tail: bytes = b"") -> bytes:
    """`data`: hex as people read it, high digits first."""
    control = control or (0x81 if len(code) == 4 else 0x91)
    return build(METER, control, bytes.fromhex(code)[::-1] + bytes.fromhex(data)[::-1] + tail)


def only(data: bytes) -> Telegram:
    [telegram] = decode(data)
    return telegram


def pairs(telegram: Telegram) -> list[tuple[str, float | str | None]]:
    return [(value.code, value.value) for value in telegram.values]


@pytest.mark.parametrize(
    ("frame", "code", "value", "unit"),
    [
        ("68 01 00 00 00 00 00 68 81 06 43 C3 59 35 33 33 52 16", "9010", 2.26, "kWh"),
        ("68 01 00 00 00 00 00 68 81 04 44 E9 59 35 11 16", "B611", 226.0, "V"),
    ],
)
def test_vectors_made_by_hand_from_the_1997_standard(frame: str, code: str, value: float, unit: str) -> None:
    telegram = only(bytes.fromhex(frame))
    assert telegram.identification == "000000000001"
    [found] = telegram.values
    assert (found.code, found.value, found.unit) == (code, value, unit)


def test_a_request_has_no_values_and_is_complete() -> None:
    telegram = only(bytes.fromhex("FE FE 68 01 00 00 00 00 00 68 01 02 43 C3 DA 16"))
    assert telegram == Telegram("000000000001")


@pytest.mark.parametrize(
    ("code", "data", "expected", "quantity"),
    [
        ("02030000", "801234", Value("02030000", "active_power_total", -0.1234, "kW"), "active_power_total"),
        ("02030000", "799999", Value("02030000", "active_power_total", 79.9999, "kW"), "active_power_total"),
        ("02060000", "9000", Value("02060000", "power_factor_total", -1.0, ""), "power_factor_total"),
        ("02010100", "8305", Value("02010100", "voltage_l1_n", 830.5, "V"), "a voltage has no sign"),
        ("00000000", "80000123", Value("00000000", None, -1.23, "kWh"), "what it adds up is a setting of the meter"),
        ("00010000", "99999999", Value("00010000", "active_energy_import", 999999.99, "kWh"), "a counter has none"),
        ("00010200", "00000001", Value("00010200", "active_energy_import_t2", 0.01, "kWh"), "tariff"),
        ("00010001", "00000001", Value("00010001", None, 0.01, "kWh"), "last month"),
        ("00150000", "00000200", Value("00150000", "active_energy_import_l1", 2.0, "kWh"), "phase"),
        ("003E0000", "00000200", Value("003E0000", "active_energy_export_l3", 2.0, "kWh"), "phase"),
        ("02800002", "4998", Value("02800002", "frequency", 49.98, "Hz"), "frequency"),
        ("02800007", "8105", Value("02800007", None, -10.5, "°C"), "temperature"),
        ("020A0203", "0123", Value("020A0203", None, 1.23, "%"), "harmonic"),
        ("020C0300", "3801", Value("020C0300", "voltage_l3_l1", 380.1, "V"), "line voltage"),
        ("04000404", "323230560000", Value("04000404", None, "220V", ""), "text"),
        ("04000401", "000000190101", Value("04000401", None, "000000190101", ""), "address"),
        ("04000101", "21051405", Value("04000101", None, "2021-05-14", ""), "date"),
        ("04000102", "235958", Value("04000102", None, "23:59:58", ""), "time"),
        ("B621", "0499", Value("B621", "current_l1", 4.99, "A"), "current"),
        ("B630", "123456", Value("B630", "active_power_total", 12.3456, "kW"), "power"),
        ("9120", "00000150", Value("9120", "reactive_energy_export", 1.5, "kvarh"), "reactive"),
        ("9410", "00000150", Value("9410", None, 1.5, "kWh"), "last month"),
        ("B011", "05141843", Value("B011", None, "05-14 18:43", ""), "time of the maximum"),
    ],
)
def test_values(code: str, data: str, expected: Value, quantity: str) -> None:
    telegram = only(answer(code, data))
    assert telegram == Telegram(METER, (expected,)), quantity


@pytest.mark.parametrize(
    ("code", "data"),
    [("00010000", "FFFFFFFF"), ("02010100", "FFFF"), ("02020100", "FFFFFF"), ("B611", "FFFF"), ("02010100", "22A4"),
     ("02030000", "FFFFFF"), ("B611", "1226"), ("04000101", "21133205"), ("04000404", "FFFFFFFFFFFF")],
)  # fmt: skip
def test_what_is_no_number_is_missing(code: str, data: str) -> None:
    telegram = only(answer(code, data))
    assert (pairs(telegram), telegram.complete, telegram.problems) == ([(code, None)], True, ())


def test_blocks() -> None:
    voltages = only(answer("0201FF00", "220322022201"))
    assert pairs(voltages) == [("02010100", 220.1), ("02010200", 220.2), ("02010300", 220.3)]
    powers = only(answer("0203FF00", "800003000002FFFFFF800001"))
    assert pairs(powers) == [("02030000", -1e-4), ("02030100", None), ("02030200", 2e-4), ("02030300", -3e-4)]
    one_phase = only(answer("0201FF00", "2201"))
    assert pairs(one_phase) == [("02010100", 220.1)]
    tariffs = only(answer("901F", "0000040000000300000002000000010000001000"))
    assert pairs(tariffs) == [("9010", 10.0), ("9011", 1.0), ("9012", 2.0), ("9013", 3.0), ("9014", 4.0)]
    months = only(answer("000100FF", "0000020000000300"))
    assert pairs(months) == [("00010000", 3.0), ("00010001", 2.0)]
    currents_1997 = only(answer("B62F", "AA030002000100"))  # AA ends a block of 1997
    assert pairs(currents_1997) == [("B621", 1.0), ("B622", 2.0), ("B623", 3.0)]


def test_a_maximum_has_its_time() -> None:
    telegram = only(answer("01010000", "2105141843123456"))
    assert pairs(telegram) == [("01010000", 12.3456), ("01010000 time", "2021-05-14 18:43")]
    assert telegram.values[0].unit == "kW"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (answer("02010100", "220100"), "another length"),
        (answer("02010100", ""), "another length"),
        (answer("0201FF00", "2203220222012200"), "another length"),
        (build(METER, 0x91, b"\x00\x01"), "too few"),
        (build(METER, 0x11, bytes.fromhex("11B6")), "of the 2007 edition asks with 2 bytes"),
        (build(METER, 0xD1, b"\x06"), "no such data, wrong password"),
        (build(METER, 0xC1, b"\x02"), "does not know this identifier"),
        (build(METER, 0xD1, b""), "its error is missing"),
        (build(METER, 0x93, bytes(6)), "another address"),
    ],
)
def test_problems_are_said_and_give_no_value(data: bytes, problem: str) -> None:
    telegram = only(data)
    assert telegram.values == ()
    assert problem in telegram.problems[0]


def test_what_an_unknown_identifier_brings_is_shown_as_it_is() -> None:
    telegram = only(answer("0E0E0E0E", "0A0102"))
    assert telegram.values == (Value("0E0E0E0E", None, "0A0102"),)
    assert telegram.problems == ("identifier 0E0E0E0E is not known here: its 3 bytes are shown as they are",)


def test_follow_on_frames_are_put_together() -> None:
    first = build(METER, 0xB1, bytes.fromhex("00FF01000002000000"))
    ask = build(METER, 0x12, bytes.fromhex("00FF010001"))
    second = build(METER, 0xB2, bytes.fromhex("00FF0100030001"))
    third = build(METER, 0x92, bytes.fromhex("00FF01000002"))
    answered, request = decode(first + ask + second + third)
    assert pairs(answered) == [("00010000", 2.0), ("00010100", 3.0)]
    assert (answered.complete, answered.problems) == (True, ())
    assert request == Telegram(METER)
    [cut] = decode(first + second)
    assert (cut.values, cut.complete) == ((), False)
    without, lost = decode(first + third)
    assert not without.complete
    assert not lost.complete
    older = build(METER, 0xA1, bytes.fromhex("1F9000010000")) + build(METER, 0x82, bytes.fromhex("1F9000020000"))
    assert pairs(only(older)) == [("9010", 1.0), ("9011", 2.0)]


def test_noise_cut_and_damaged_frames() -> None:
    good = answer("02010100", "2301")
    wrong = good[:-2] + bytes(((good[-2] + 1) % 256, 0x16))
    first, damaged, last = decode(b"\x00\x68\x16" + good + wrong + good + good[:9])
    assert pairs(first) == pairs(last) == [("02010100", 230.1)]
    assert first.complete and last.complete
    assert "3 bytes before it" in first.problems[0]
    assert "cut off" in last.problems[0]
    assert (damaged.complete, damaged.values) == (False, ())
    assert "sum" in damaged.problems[0]
    for fragment in (good[:9], good[3:], good[:-1], b"hello"):
        [refused] = decode(fragment)
        assert (refused.complete, refused.values) == (False, ())
        assert refused.problems
    assert decode(b"") == []
    assert decode(b"\xfe" * 4 + good) == decode(good)


def test_an_address_that_is_no_number_is_refused() -> None:
    [telegram] = decode(build("12345678901F", 0x91, bytes(4)))
    assert not telegram.complete
    assert "no number" in telegram.problems[0]


@given(ADDRESSES, st.sampled_from([0x01, 0x11, 0x13, 0x81, 0x91, 0xD1]), st.binary(max_size=200))
def test_what_is_built_is_found(address: str, control: int, data: bytes) -> None:
    [frame] = [one for one in search(build(address, control, data)) if isinstance(one, Frame)]
    assert (frame.address, frame.control, frame.data) == (address, control, data)


@given(st.integers(-799999, 799999))
def test_signed_numbers_survive(number: int) -> None:
    value = number / 10000
    assert pictures.read("±XX.XXXX", pictures.write("±XX.XXXX", value)) == value


@given(st.integers(0, 99999999))
def test_counters_survive(number: int) -> None:
    assert pictures.read("XXXXXX.XX", pictures.write("XXXXXX.XX", number / 100)) == number / 100


@given(st.binary(min_size=4, max_size=4))
def test_a_number_has_only_digits(data: bytes) -> None:
    value = pictures.read("XXXXXX.XX", data)
    text = data[::-1].hex()
    assert value == (int(text) / 100 if text.isdecimal() else None)


@given(
    st.sampled_from(
        ["0201FF00", "0202FF00", "0203FF00", "0206FF00", "0001FF00", "000100FF", "020A01FF", "901F", "B63F"]
    )
)
def test_every_code_of_a_block_leads_back_to_it(name: str) -> None:
    for code in members(name):
        assert items(code)
        if name[-2:] != "FF":
            assert block(code) == name
