"""SML's coding: whatever was framed is found again, whatever is no SML is refused, in time that its length allows."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.devices import catalogue
from collector.sources.simulator.plant import Plant
from collector.sources.simulator.sml_meter import SmlMeter, framed, seen
from collector.sources.sml.crc import kermit, x25
from collector.sources.sml.decode import HOLLEY, decode
from collector.sources.sml.tlv import Reader, SmlError
from collector.sources.sml.transport import BEGIN, ESCAPE, frames

MODEL = catalogue.load("generic-sml")
DZG_OLD, DZG_NEW = 42_082_910, 60_694_611


def telegram(number: int = 12345, power: bytes = b"", server: bytes = b"") -> bytes:
    """A telegram of a simulated meter; `server`: ten octets instead of its own number; `power`: a coded 16.7.0."""
    sent = SmlMeter(number, seen(MODEL, Plant(), 1e6)).telegram()
    return sent if not server else _rebuilt(server, power)


def _rebuilt(server: bytes, power: bytes) -> bytes:
    entry = bytes.fromhex("77 07 0100100700ff 01 01 62 1b 52 fe") + power + b"\x01"
    maker = bytes.fromhex("77 07 010060320101 01 01 01 01 04") + server[2:5] + b"\x01"
    listed = b"\x72" + maker + entry
    content = b"\x77\x01\x0b" + server + b"\x01\x01" + listed + b"\x01\x01"
    head = bytes.fromhex("76 05 00000001 62 00 62 00 72 63 0701") + content
    return framed(head + b"\x63" + x25(head).to_bytes(2, "big") + b"\0")


def test_the_checks_are_the_catalogues() -> None:
    assert x25(b"123456789") == 0x6E90  # 906E, low byte first
    assert kermit(b"123456789") == 0x8921  # 2189, low byte first


@given(st.binary(max_size=300) | st.lists(st.sampled_from([ESCAPE, b"\x1b", b"\x01" * 4, b"\x1a"])).map(b"".join))
def test_whatever_was_framed_is_found_again(body: bytes) -> None:
    (found,) = frames(b"\x07\x1b" + framed(body) + b"\x1b\x1b")
    assert found.body == body
    assert x25(found.checked) == found.crc


@given(st.binary(max_size=400))
def test_anything_is_read_or_refused(data: bytes) -> None:
    with suppress(SmlError):
        Reader(data).element()
    decode(data)
    decode(BEGIN + data)
    decode(framed(data))


@pytest.mark.parametrize(
    "hostile",
    [b"\x7f" * 30000, b"\xff" * 30000, b"\x71" * 30000, ESCAPE * 8000, BEGIN * 4000, (BEGIN + ESCAPE) * 3000,
     framed(b"\x71" * 9000), b"\x1b" * 30000],
)  # fmt: skip
def test_hostile_bytes_cost_no_more_than_their_length(hostile: bytes) -> None:
    began = time.process_time()
    decode(hostile)
    short = time.process_time() - began
    began = time.process_time()
    decode(hostile * 4)
    assert time.process_time() - began < 40 * max(short, 0.001)


def test_a_simulated_meter_is_understood() -> None:
    (told,) = decode(telegram())
    assert told.complete
    assert told.identification == "PHL 1PHL0000012345"
    values = {value.code: (value.value, value.unit) for value in told.values}
    assert values["1-0:14.7.0*255"][1] == "Hz"
    assert values["1-0:1.8.0*255"] == (pytest.approx(Plant().at(1e6)["active_energy_import"], abs=1), "Wh")


def test_a_wrong_check_gives_no_value() -> None:
    sent = telegram()
    (told,) = decode(sent[:-1] + bytes([sent[-1] ^ 1]))
    assert (told.values, told.complete) == ((), False)
    assert "wrong CRC" in told.problems[0]


def test_holleys_meters_may_and_it_is_told() -> None:
    sent = telegram(server=b"\x0a\x01HLY" + bytes(5), power=b"\x52\x07")
    (told,) = decode(sent[:-2] + kermit(sent[:-2]).to_bytes(2, "big"))
    assert told.complete
    assert told.problems == (HOLLEY,)
    assert told.values[-1].value == 0.07


def test_another_maker_may_not_use_holleys_check() -> None:
    sent = telegram()
    (told,) = decode(sent[:-2] + kermit(sent[:-2]).to_bytes(2, "big"))
    assert not told.complete


@pytest.mark.parametrize(
    ("number", "coded", "power"),
    [
        (DZG_OLD, "53 9c40", None),  # 400.00 W, or -255.36 W: nobody can know
        (DZG_OLD, "53 7530", 300.0),
        (DZG_OLD, "55 ffff9c40", -255.36),  # four bytes have room for the sign
        (DZG_NEW, "53 9c40", -255.36),
    ],
)
def test_a_power_that_dzgs_old_meters_code_wrongly_is_not_believed(
    number: int, coded: str, power: float | None
) -> None:
    server = b"\x0a\x01DZG" + number.to_bytes(5, "big")
    (told,) = decode(telegram(server=server, power=bytes.fromhex(coded)))
    assert told.complete
    assert told.values[-1].value == power
    assert told.values[-1].quantity == "active_power_total"
