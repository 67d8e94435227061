"""Exponents in registers, makers' own codings, ranges and mixed word orders: each becomes the meant value or none."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.devices.map import Encoding, Register, RegisterType
from collector.sources.modbus.decode import Decoder
from collector.sources.modbus.scales import Scales

T = RegisterType
NO_SUCH = frozenset({0x8000})
U = Register("u", 0, T.INT16, "voltage_l1_n", scale_register="u_sf", missing=NO_SUCH)
U_SF = Register("u_sf", 1, T.INT16, valid=(-10, 10), missing=NO_SUCH)


def alone(data: bytes, **more: object) -> float | None:
    register = Register("r", 0, more.pop("type", T.INT16), "power_factor_total", **more)  # type: ignore[arg-type]
    return Decoder([register], 0, register.type.count, "big").values(data, {})["power_factor_total"]


@pytest.mark.parametrize(
    ("raw", "exponent", "value"),
    [(2305, -1, 230.5), (-2305, -1, -230.5), (23, 1, 230.0), (230, 0, 230.0), (2305, -10, 2.305e-7), (2, 10, 2e10)],
)
def test_a_value_counts_in_the_power_of_ten_that_comes_with_it(raw: int, exponent: int, value: float) -> None:
    decoder = Decoder([U, U_SF], 0, 2, "big", ["u_sf"])
    data = struct.pack(">hh", raw, exponent)
    assert decoder.exponents(data) == {"u_sf": exponent}
    assert decoder.values(data, {"u_sf": exponent}) == {"voltage_l1_n": value}


@pytest.mark.parametrize("exponent", [-32768, 11, -11, 32767])
def test_an_exponent_that_cannot_be_is_none(exponent: int) -> None:
    assert Decoder([U, U_SF], 0, 2, "big", ["u_sf"]).exponents(struct.pack(">hh", 230, exponent)) == {"u_sf": None}


def test_without_its_exponent_there_is_no_value() -> None:
    assert Decoder([U], 0, 1, "big").values(b"\x00\x64", {}) == {"voltage_l1_n": None}
    assert Decoder([U], 0, 1, "big").named(b"\x00\x64", {}) == {"u": None}


def test_an_exponent_apart_from_its_values_is_believed_when_it_did_not_move() -> None:
    scales = Scales()
    assert scales.learn({"a": -1}, ()) == {"a": -1}
    assert scales.learn({"a": -1}, ()) == {"a": -1}
    assert scales.learn({"a": -2}, ()) == {}, "the values may have been made with either"
    assert scales.learn({"a": -2}, ()) == {"a": -2}
    assert scales.learn({}, ()) == {"a": -2}, "it was not due"
    assert scales.learn({}, ["a"]) == {}, "it did not come"
    assert scales.learn({"a": None}, ()) == {}
    scales.learn({"a": 3}, ())
    scales.forget()
    assert scales.learn({}, ()) == {}


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (0.75, 0.75), (1.0, 1.0), (1.25, 0.75), (2.0, 0.0), (0.0, 0.0),
        (-0.75, -0.75), (-1.0, -1.0), (-1.25, -0.75), (2.5, None), (-2.5, None), (float("nan"), None),
    ],
)  # fmt: skip
def test_a_four_quadrant_power_factor_is_a_plain_one_with_the_powers_sign(raw: float, value: float | None) -> None:
    assert alone(struct.pack(">f", raw), type=T.FLOAT32, encoding=Encoding.FOUR_QUADRANT) == value


@given(st.integers(0, 0x7FFF))
def test_a_mark_in_the_highest_bit_is_no_sign(amount: int) -> None:
    kind = {"type": T.UINT16, "encoding": Encoding.MAGNITUDE, "missing": NO_SUCH}
    assert alone(struct.pack(">H", amount), **kind) == amount
    assert alone(struct.pack(">H", amount + 0x8000), **kind) == (amount or None)


@pytest.mark.parametrize(("raw", "value"), [(-32767, -327.67), (32767, 327.67), (-32768, None), (0, 0.0)])
def test_what_lies_outside_of_the_range_is_missing(raw: int, value: float | None) -> None:
    assert alone(struct.pack(">h", raw), valid=(-32767, 32767), scale=0.01) == value


@given(st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFFFFFF))
def test_both_word_orders_in_one_block(first: int, second: int) -> None:
    high = Register("high", 4, T.UINT32, "current_l1")
    low = Register("low", 6, T.UINT32, "current_l2", word_order="little")
    data = struct.pack(">IHH", first, second & 0xFFFF, second >> 16)
    found = Decoder([high, low], 4, 4, "big").values(data, {})
    assert found == {"current_l1": first, "current_l2": second}
