"""A probe's datagram is read as it stands, and anything else is refused."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.devices import catalogue
from collector.sources.udp.datagram import LONGEST, decode, known_as

GOOD = b"5c:cf:7f:0a:1b:2c/1.25/231.4/12.5/282.4/62.6/289.2"


def values(data: bytes) -> dict[str, object]:
    return {value.code: value.value for value in decode(data).values}


def test_a_datagram_is_read_as_it_stands() -> None:
    telegram = decode(GOOD + b"\n\0\0\0")
    assert (telegram.identification, telegram.complete, telegram.problems) == ("5ccf7f0a1b2c", True, ())
    assert values(GOOD) == {"I": 1.25, "U": 231.4, "phase": 12.5, "P": 282.4, "Q": 62.6, "S": 289.2}


def test_more_than_300_w_and_power_that_flows_back_are_values() -> None:
    assert values(b"mac/30/230/-175/-6874.1/0/6900")["P"] == -6874.1
    assert values(b"mac/30/230/-175/6874.1/0/6900")["P"] == 6874.1


@pytest.mark.parametrize("field", ["", "nan", "inf", "-1", "1e9", "1,2", "1_0", "0x10", "230V", "1" * 400])
def test_a_field_that_cannot_be_is_missing_and_the_others_are_not(field: str) -> None:
    heard = values(f"mac/1/{field}/0/1/1/1".encode())
    assert heard == {"I": 1.0, "U": None, "phase": 0.0, "P": 1.0, "Q": 1.0, "S": 1.0}


@pytest.mark.parametrize(
    "data", [b"", b"mac", b"mac/1/2/3/4/5", b"mac/1/2/3/4/5/6/7", b"mac/1/2/3/4/5/\xff", b"1" * (LONGEST + 1)]
)
def test_what_is_no_datagram_of_a_probe_is_refused_as_a_whole(data: bytes) -> None:
    telegram = decode(data)
    assert not telegram.complete
    assert not telegram.values
    assert telegram.problems


def test_a_mac_is_known_however_it_is_written() -> None:
    assert len({known_as(mac) for mac in ("5C:CF:7F:0A:1B:2C", "5c-cf-7f-0a-1b-2c", "5ccf.7f0a.1b2c")}) == 1


@given(st.lists(st.floats(0, 99), min_size=6, max_size=6))
def test_what_was_written_is_what_is_read(written: list[float]) -> None:
    text = "mac/" + "/".join(f"{number:.6f}" for number in written)
    assert list(values(text.encode()).values()) == [float(f"{number:.6f}") for number in written]


@given(st.binary(max_size=1200))
def test_any_bytes_are_taken(data: bytes) -> None:
    decode(data)


@pytest.mark.slow
def test_ten_million_bytes_of_damaged_datagrams_give_no_value_out_of_range() -> None:
    chance, eaten = random.Random(5005), 0
    while eaten < 10_000_000:
        data = bytearray(GOOD)
        for _ in range(chance.randrange(6)):
            data[chance.randrange(len(data))] = chance.choice(
                b"0123456789./-+eE\0\n:nai" + bytes([chance.randrange(256)])
            )
        eaten += len(data)
        for value in decode(bytes(data)).values:
            assert value.value is None or abs(float(value.value)) <= 5e4


def test_the_model_names_the_fields_of_the_datagram() -> None:
    assert [code.code for code in catalogue.load("kerrucent-probe").codes] == list(values(GOOD))
