from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.model.quantity import QUANTITIES
from collector.model.reading import Flag, Reading
from collector.pipeline.segment import Encoder, decode

names = st.sampled_from(sorted(QUANTITIES))
values = st.none() | st.floats(allow_nan=False)
readings = st.builds(
    Reading,
    meter=st.text(min_size=1, max_size=8),
    time=st.integers(-(2**62), 2**62),
    values=st.dictionaries(names, values, max_size=12),
    flags=st.integers(0, 127).map(Flag),
    boot=st.none() | st.uuids().map(str),
)


def encoded(batch: list[Reading]) -> bytes:
    encoder = Encoder()
    return b"".join(encoder.encode(reading) for reading in batch)


@pytest.mark.slow
@given(st.lists(readings, max_size=20))
def test_what_was_encoded_is_decoded_exactly(batch: list[Reading]) -> None:
    data = encoded(batch)
    decoded = decode(data)
    assert decoded.readings == batch
    assert [list(r.values) for r in decoded.readings] == [list(r.values) for r in batch]
    assert (decoded.good, decoded.damaged) == (len(data), False)


def test_a_tail_torn_at_any_byte_costs_only_the_readings_in_it() -> None:
    batch = [Reading("turbine", i, {"frequency": 50.0 + i, "current_n": None}) for i in range(4)]
    encoder, ends, data = Encoder(), [], b""
    for reading in batch:
        data += encoder.encode(reading)
        ends.append(len(data))
    for cut in range(len(data)):
        decoded = decode(data[:cut])
        assert decoded.readings == [reading for reading, end in zip(batch, ends, strict=True) if end <= cut]
        assert not decoded.damaged, "a torn tail is not damage"


@given(st.data())
def test_a_flipped_bit_never_makes_a_wrong_reading(data: st.DataObject) -> None:
    batch = [Reading("turbine", i, {"frequency": 50.0 + i}) for i in range(5)]
    good = bytearray(encoded(batch))
    bit = data.draw(st.integers(0, len(good) * 8 - 1))
    good[bit // 8] ^= 1 << bit % 8
    decoded = decode(bytes(good))
    assert decoded.readings == batch[: len(decoded.readings)]
    assert len(decoded.readings) < len(batch)


@given(st.binary(max_size=300))
def test_garbage_is_no_reading_and_no_error(garbage: bytes) -> None:
    assert decode(garbage).readings == []


def test_a_file_that_grew_but_was_not_written_is_torn_not_damaged() -> None:
    batch = [Reading("turbine", 1, {"frequency": 50.0})]
    decoded = decode(encoded(batch) + bytes(4096))
    assert decoded.readings == batch
    assert not decoded.damaged


def test_not_a_number_becomes_missing() -> None:
    decoded = decode(encoded([Reading("turbine", 1, {"frequency": math.nan, "current_n": None, "current_l1": 1.0})]))
    assert decoded.readings[0].values["current_n"] is None
    assert decoded.readings[0].values["current_l1"] == 1.0


@pytest.mark.parametrize("value", [5e-324, 1.7976931348623157e308, -0.0, 0.1])
def test_doubles_are_exact(value: float) -> None:
    decoded = decode(encoded([Reading("turbine", 1, {"frequency": value})]))
    assert decoded.readings[0].values["frequency"].hex() == value.hex()  # type: ignore[union-attr]


@pytest.mark.slow
@given(
    st.dictionaries(st.text(max_size=20), st.floats(allow_nan=False, allow_infinity=False), max_size=4),
    st.lists(st.none() | st.floats(allow_nan=False), min_size=1, max_size=4),
    st.integers(1, 400),
)
def test_what_counters_counted_comes_back_and_a_torn_one_does_not(
    counted: dict[str, float], values: list[float | None], torn: int
) -> None:
    names = ("active_energy_import", "voltage_l1_n", "frequency", "current_n")[: len(values)]
    sent = Reading("turbine", 5, dict(zip(names, values, strict=True)), Flag.METER_SWAP, None, counted)
    data = Encoder().encode(sent)
    assert decode(data).readings == [sent]
    assert decode(data[: max(0, len(data) - torn)]).readings == []
