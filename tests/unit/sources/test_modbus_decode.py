"""Registers become values as the map says, and what is not available is missing: never 0, never NaN."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.devices.map import Choice, Register, RegisterType
from collector.sources.modbus.decode import Decoder, raw_setting

T = RegisterType
FORMATS = dict(zip(T, "hHiIqQfd", strict=True))


def one(kind: RegisterType, data: bytes, order: str = "big", **more: object) -> float | None:
    register = Register("r", 0, kind, "current_l1", **more)  # type: ignore[arg-type]
    return Decoder([register], 0, kind.count, order).values(data, {})["current_l1"]


def low_word_first(data: bytes) -> bytes:
    return b"".join(data[k : k + 2] for k in range(len(data) - 2, -1, -2))


@pytest.mark.parametrize("kind", list(T))
@given(data=st.data())
def test_every_type_in_both_word_orders(kind: RegisterType, data: st.DataObject) -> None:
    raw = data.draw(st.binary(min_size=2 * kind.count, max_size=2 * kind.count))
    (wanted,) = struct.unpack(">" + FORMATS[kind], raw)
    expected = float(wanted) if math.isfinite(wanted) else None
    assert one(kind, raw) == expected
    assert one(kind, low_word_first(raw), "little") == expected


@pytest.mark.parametrize(
    ("kind", "data", "missing"),
    [
        (T.FLOAT32, b"\xff\xff\xff\xff", set()),
        (T.FLOAT32, b"\x7f\xc0\x00\x00", set()),
        (T.FLOAT32, b"\x7f\x80\x00\x00", set()),
        (T.FLOAT64, b"\xff" * 8, set()),
        (T.INT16, b"\x80\x00", {0x8000}),
        (T.UINT32, b"\xff\xff\xff\xff", {0xFFFFFFFF}),
        (T.INT32, b"\x7f\xff\xff\xff", {0x7FFFFFFF}),
        (T.UINT64, b"\xff" * 8, {2**64 - 1}),
    ],
)
def test_not_available_is_missing(kind: RegisterType, data: bytes, missing: set[int]) -> None:
    assert one(kind, data, missing=frozenset(missing)) is None
    assert one(kind, low_word_first(data), "little", missing=frozenset(missing)) is None


def test_a_pattern_that_means_something_elsewhere_is_a_value_here() -> None:
    assert one(T.INT16, b"\x80\x00") == -32768.0
    assert one(T.UINT32, b"\xff\xff\xff\xff") == 4294967295.0


@pytest.mark.parametrize(
    ("scale", "value"), [(0.1, 230.5), (0.01, 23.05), (10.0, 23050.0), (1.0, 2305.0), (0.3, 691.5)]
)
def test_scaled_values_are_the_nearest_ones(scale: float, value: float) -> None:
    assert one(T.UINT16, (2305).to_bytes(2, "big"), scale=scale) == value


def test_a_block_of_several_types_with_holes() -> None:
    registers = [
        Register("e", 8, T.FLOAT64, "active_energy_import"),
        Register("u", 1, T.FLOAT32, "voltage_l1_n"),
        Register("s", 3, T.UINT16, evidence="restart_count"),
        Register("i", 5, T.INT16, "current_l1", scale=0.001),
    ]
    data = struct.pack(">fHHhHHd", 230.5, 3, 0xDEAD, -1500, 0xBEEF, 0xCAFE, 1.5e9)
    decoder = Decoder(registers, 1, len(data) // 2, "big")
    assert decoder.values(data, {}) == {"voltage_l1_n": 230.5, "current_l1": -1.5, "active_energy_import": 1.5e9}
    assert decoder.evidence(data) == {"restart_count": 3.0}


CHOICE = Choice("counting", 16, 0xFFFF, {0: "active_energy_import", 1: "active_energy_export", 2: "active_energy_net"})


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, dict.fromkeys(CHOICE.quantities.values())),
        ({"counting": 0x0000_0001}, {"active_energy_import": 5.0}),
        ({"counting": 0x0001_0000}, {"active_energy_export": 5.0}),
        ({"counting": 0x0002_0001}, {"active_energy_net": 5.0}),
        ({"counting": 0x0009_0000}, dict.fromkeys(CHOICE.quantities.values())),
    ],
)
def test_a_setting_decides_what_a_counter_counts(settings: dict[str, int], expected: dict[str, float | None]) -> None:
    decoder = Decoder([Register("e", 801, T.FLOAT64, choice=CHOICE)], 801, 4, "big")
    assert decoder.values(struct.pack(">d", 5.0), settings) == expected


def test_a_setting_is_read_in_the_meters_word_order() -> None:
    assert raw_setting(b"\x00\x01\x00\x02", "big") == 0x10002
    assert raw_setting(b"\x00\x01\x00\x02", "little") == 0x20001


def test_all_zeros_are_dead_only_where_something_cannot_be_zero() -> None:
    live = Decoder(
        [Register("u", 0, T.FLOAT32, "voltage_l1_n"), Register("i", 2, T.FLOAT32, "current_l1")], 0, 4, "big"
    )
    still = Decoder([Register("i", 2, T.FLOAT32, "current_l1")], 0, 4, "big")
    assert live.dead(bytes(8))
    assert not live.dead(bytes(7) + b"\x01")
    assert not still.dead(bytes(8))
