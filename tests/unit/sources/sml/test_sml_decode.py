"""What a telegram tells is exact, and what is doubtful is missing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sml_frames import HOLLEY, OUT, POWER, dzg, entry, payload, telegram

from collector.sources.simulator.sml_meter import listed, message, number, octets, wrapped
from collector.sources.sml.crc import kermit, x25
from collector.sources.sml.decode import KERMIT, OTHERS, decode
from collector.sources.sml.messages import CLOSE_RESPONSE, Check, messages
from collector.sources.telegram import Telegram, Value


def one(data: bytes) -> Telegram:
    (found,) = decode(data)
    return found


def value(data: bytes) -> float | str | None:
    (found,) = one(data).values
    return found.value


@given(st.integers(1, 8), st.booleans(), st.integers(-128, 127), st.data())
def test_a_value_is_its_number_with_the_point_moved(width: int, signed: bool, scaler: int, data: st.DataObject):
    low = -(1 << 8 * width - 1) if signed else 0
    raw = data.draw(st.integers(low, (1 << 8 * width - signed) - 1))
    said = telegram(entry(POWER, number(raw, width, signed=signed), scaler=scaler))
    assert value(said) == float(f"{raw}e{scaler}")
    # A double keeps every decimal number of 15 digits (IEEE 754; DBL_DIG), whatever the point does.
    assert Decimal(repr(value(said))).scaleb(-scaler) == raw or abs(raw) >= 10**15


def test_a_value_is_named_measured_and_understood():
    said = telegram(entry(bytes((1, 0, 1, 8, 0, 255)), number(172433683, 5), unit=30, scaler=-1))
    assert one(said) == Telegram(
        "PHL 1PHL0000012345", (Value("1-0:1.8.0*255", "active_energy_import", 17243368.3, "Wh"),)
    )


@pytest.mark.parametrize(
    ("number_", "unit"),
    [(27, "W"), (28, "VA"), (29, "var"), (32, "varh"), (33, "A"), (35, "V"), (44, "Hz"), (8, "°"), (255, ""),
     (None, ""), (0, ""), (99, "unit 99")],
)  # fmt: skip
def test_the_unit_is_the_standards(number_: int | None, unit: str):
    assert one(telegram(entry(POWER, number(1, 1), unit=number_))).values[0].unit == unit


@pytest.mark.parametrize(
    ("coded", "meant"),
    [
        (b"\x42\x01", 1.0),
        (b"\x42\x00", 0.0),
        (octets(b"1.02.007"), "312e30322e303037"),
        (octets(b"HLY"), "HLY"),
        (octets(b"\x0a\xff"), "0aff"),
        (OUT, None),
        (listed(number(1, 1), number(7, 4)), None),
    ],
)
def test_what_is_no_number_is_text_or_missing(coded: bytes, meant: float | str | None):
    assert value(telegram(entry(POWER, coded, unit=None, scaler=None))) == meant


@given(st.binary(min_size=1, max_size=50))
def test_the_check_of_every_message_is_right_and_no_other_would_be(content: bytes):
    coded = message(1, CLOSE_RESPONSE, listed(octets(content)))
    (found,) = messages(coded)
    assert (found.check, found.computed) == (Check.RIGHT, found.stated)
    damaged = bytearray(coded)
    damaged[-2] ^= 1
    (found,) = messages(bytes(damaged))
    assert found.check is not Check.RIGHT


@given(st.integers(0, 0xFFFF))
def test_a_message_with_a_wrong_check_gives_nothing_though_the_telegram_is_whole(check: int):
    whole = payload(entry(POWER, number(1, 1)))
    end = len(whole) - len(message(2, CLOSE_RESPONSE, listed(OUT)))
    first = whole[: end - 3]
    if check in (x25(first[:-1]), kermit(first[:-1])):
        return
    found = one(wrapped(first + check.to_bytes(2, "little") + whole[end - 1 :]))
    assert (found.complete, found.values) == (False, ())
    assert f"{(x25(first[:-1]) & 255) << 8 | x25(first[:-1]) >> 8:04X} computed" in found.problems[0]


def by_kermit(whole: bytes) -> bytes:
    return whole[:-2] + kermit(whole[:-2]).to_bytes(2, "little")


def kermit_messages(server: bytes) -> bytes:
    whole = payload(entry(POWER, number(100, 2)), server=server)
    end = len(whole) - len(message(2, CLOSE_RESPONSE, listed(OUT)))
    check = kermit(whole[: end - 4]).to_bytes(2, "little")
    return wrapped(whole[: end - 3] + check + whole[end - 1 :])


def test_the_other_check_is_believed_of_the_maker_who_uses_it_and_told():
    for said in (kermit_messages(HOLLEY), by_kermit(telegram(entry(POWER, number(100, 2)), server=HOLLEY))):
        assert one(said).problems == (KERMIT,)
        assert value(said) == 1.0


def test_the_other_check_is_believed_of_nobody_else():
    for said in (kermit_messages(dzg(60_000_000)), by_kermit(telegram(entry(POWER, number(100, 2))))):
        assert (one(said).complete, one(said).values) == (False, ())
        assert "wrong CRC" in one(said).problems[0]


@pytest.mark.parametrize(
    ("serial", "coded", "meant"),
    [
        (48_000_000, number(-29912, 2, signed=True), None),  # it shows 356.24 W
        (48_000_000, number(-1, 1, signed=True), None),
        (48_000_000, number(35624, 3, signed=True), 356.24),
        (48_000_000, number(100, 2, signed=True), 1.0),
        (48_000_000, number(-126061, 4, signed=True), -1260.61),
        (56_000_000, number(-29912, 2, signed=True), None),
        (30_000_000, number(-29912, 2, signed=True), None),
        (60_694_611, number(-10550, 2, signed=True), -105.5),
        (40_221_297, number(-4684, 2, signed=True), -46.84),
    ],
)
def test_a_dzg_power_whose_sign_nobody_knows_is_missing(serial: int, coded: bytes, meant: float | None):
    found = one(telegram(entry(POWER, coded), server=dzg(serial)))
    assert found.complete
    assert found.values[0].value == meant
    assert bool(found.problems) == (meant is None)


def test_a_dzg_meter_that_hides_its_number_is_doubted_too():
    maker = entry(bytes((1, 0, 96, 50, 1, 1)), octets(b"DZG"), None, None)
    found = one(telegram(maker, entry(POWER, number(-29912, 2, signed=True)), server=b"\x9e\x20\x55"))
    assert [value.value for value in found.values] == ["DZG", None]


def test_two_meters_in_one_telegram_are_never_mixed():
    both = wrapped(payload(entry(POWER, number(100, 2))) + payload(entry(POWER, number(700, 2)), server=HOLLEY))
    assert value(both) == 1.0
    assert one(both).problems == (OTHERS,)


@pytest.mark.parametrize(
    "broken",
    [
        b"\x77",
        payload(octets(b"no entry")),
        payload(entry(b"short", number(1, 1))),
        payload(entry(POWER, number(1, 1))) + b"\x05",
        payload(entry(POWER, number(1, 1)))[:-1] + b"\x01",
        message(1, CLOSE_RESPONSE, listed(OUT)),
        b"",
    ],
)
def test_what_is_built_wrong_gives_nothing_and_says_so(broken: bytes):
    found = one(wrapped(broken))
    assert (found.complete, found.values) == (False, ())
    assert found.problems


def test_zero_bytes_between_messages_are_filling():
    said = payload(entry(POWER, number(1, 1)))
    first = len(said) - len(message(2, CLOSE_RESPONSE, listed(OUT)))
    assert decode(wrapped(said[:first] + b"\0\0\0" + said[first:])) == decode(wrapped(said))
