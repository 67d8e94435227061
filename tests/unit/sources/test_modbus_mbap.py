"""Frames of a TCP stream: cut right, judged right, whatever the segments."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modbus_frames import REAL

from collector.errors import BadAnswer, MeterRefused
from collector.sources.modbus import mbap
from collector.sources.modbus.queries import read_registers

QUERY = read_registers(7, 3, 1, 2)


def adu(transaction: int, unit: int, pdu: bytes) -> bytes:
    return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, unit) + pdu


def test_the_request_is_wrapped_as_the_standard_says() -> None:
    assert mbap.wrap(0x1234, QUERY).hex() == "123400000006070300010002"


@given(st.lists(st.tuples(st.integers(0, 65535), st.integers(0, 255), st.binary(min_size=2, max_size=253)), max_size=5))
def test_any_segments_give_the_same_frames(frames: list[tuple[int, int, bytes]]) -> None:
    stream, got = bytearray(), []
    for byte in b"".join(adu(*frame) for frame in frames):
        stream.append(byte)
        while (frame := mbap.take(stream)) is not None:
            got.append(frame)
    assert got == frames
    assert not stream


@pytest.mark.parametrize(
    "stream", ["000100010006070300010002", "0001000000020703", "0001000001000703", "474554202f20485454"]
)
def test_what_is_not_modbus_is_named(stream: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        mbap.take(bytearray.fromhex(stream))
    assert caught.value.reason == "protocol"


@pytest.mark.parametrize(
    ("unit", "pdu", "reason"),
    [
        (8, b"\x03\x04abcd", "unit"),
        (7, b"\x04\x04abcd", "function"),
        (7, b"\x84\x02", "function"),
        (7, b"\x03\x06abcdef", "length"),
        (7, b"\x03\x04abc", "length"),
        (7, b"\x03\x32abcd", "length"),
        (7, b"\x83\x4d", "exception"),
    ],
)
def test_what_is_not_the_answer_is_named(unit: int, pdu: bytes, reason: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        mbap.judge(unit, pdu, QUERY)
    assert caught.value.reason == reason


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 6, 10, 11])
def test_an_exception_is_a_refusal(code: int) -> None:
    with pytest.raises(MeterRefused) as caught:
        mbap.judge(7, bytes((0x83, code)), QUERY)
    assert caught.value.code == code


@given(st.binary(max_size=400))
def test_random_bytes_never_crash_and_never_yield_a_value(noise: bytes) -> None:
    stream = bytearray(noise)
    try:
        while (frame := mbap.take(stream)) is not None:
            if (frame[1], frame[2][:2]) != (7, b"\x03\x04"):
                with pytest.raises((BadAnswer, MeterRefused)):
                    mbap.judge(frame[1], frame[2], QUERY)
    except BadAnswer:
        pass


def test_recorded_traffic_is_judged_like_its_recorder_did() -> None:
    """Every recorded answer to FC 03/04 is believed; every recorded exception is a refusal."""
    import json

    files = sorted(REAL.glob("*/*.pairs.jsonl"))
    if not files:
        pytest.skip("the recorded TCP traffic is not on this machine")
    believed = refused = 0
    for path in files:
        for line in path.read_text().splitlines():
            pair = json.loads(line)
            request, response = bytes.fromhex(pair["request"]), bytes.fromhex(pair["response"])
            if len(request) != 12 or request[7] not in (3, 4):
                continue
            address, count = struct.unpack(">HH", request[8:12])
            if not 1 <= count <= 125 or address + count > 0x10000:
                continue
            query = read_registers(request[6], request[7], address, count)
            assert mbap.wrap(int.from_bytes(request[:2], "big"), query) == request
            frame = mbap.take(bytearray(response))
            assert frame is not None
            assert frame[0] == int.from_bytes(request[:2], "big")
            try:
                pdu = mbap.judge(frame[1], frame[2], query)
            except MeterRefused:
                assert pair["exception"]
                refused += 1
            except BadAnswer:
                assert response[8] != 2 * count or len(response) != 9 + 2 * count
            else:
                assert pdu == response[7:]
                believed += 1
    assert believed > 1000
