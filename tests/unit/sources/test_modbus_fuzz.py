"""Ten million bytes of damaged answers: nothing is believed whose check does not agree, and nothing crashes."""

from __future__ import annotations

import struct
from random import Random

import pytest
from modbus_frames import REAL, answer, crc

from collector.errors import BadAnswer, MeterRefused
from collector.sources.modbus import mbap, rtu
from collector.sources.modbus.queries import Query, read_registers

ALL = 5_000_000


def exchanges() -> list[tuple[Query, bytes]]:
    """Recorded ones where they are, and some of each length."""
    made = [(read_registers(unit, 3, 1, n), answer(unit, 3, bytes(range(1, 2 * n + 1)))) for unit in (1, 126)
            for n in (1, 2, 40, 120)]  # fmt: skip
    path = REAL / "rtu_and_log_frames.json"
    if not path.exists():
        return made
    import json

    for entry in json.loads(path.read_text()):
        request, response = bytes.fromhex(entry["request"] or ""), bytes.fromhex(entry["response"] or "")
        if entry.get("request_crc_ok") and len(request) == 8 and request[1] in (3, 4) and len(response) > 4:
            unit, function, address, count = struct.unpack(">BBHH", request[:6])
            made.append((read_registers(unit, function, address, count), response))
    return made


def damaged(data: bytes, chance: Random, others: list[tuple[Query, bytes]]) -> bytes:
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.randrange(len(found) + 1)
        match chance.randrange(6):
            case 0 if at < len(found):
                found[at] ^= 1 << chance.randrange(8)
            case 1:
                del found[at : at + chance.choice((1, 2, 9))]
            case 2:
                found[at:at] = chance.randbytes(chance.choice((1, 3, 20)))
            case 3:
                found[at:at] = chance.choice(others)[1]
            case 4:
                del found[at:]
            case _:
                found[:0] = found[: chance.choice((1, 5, 60))]
    return bytes(found)


@pytest.mark.slow
def test_damaged_rtu_answers_are_believed_only_with_their_crc() -> None:
    chance, known, done, believed = Random(485), exchanges(), 0, 0
    while done < ALL:
        query, response = chance.choice(known)
        heard = damaged(response, chance, known)
        done += len(heard)
        try:
            pdu = rtu.answer_in(heard, query)
        except (BadAnswer, MeterRefused):
            continue
        if pdu is None:
            assert isinstance(rtu.unanswered(heard, query, 0.3), Exception)
            continue
        frame = bytes([query.unit]) + pdu
        assert frame + crc(frame) in heard
        assert (pdu[0], pdu[1]) == (query.function, query.size)
        believed += 1
    assert believed > 100, "damage that leaves the answer whole costs no value"


@pytest.mark.slow
def test_damaged_tcp_streams_are_cut_into_frames_or_named() -> None:
    chance, known, done = Random(502), exchanges(), 0
    while done < ALL:
        query, response = chance.choice(known)
        adu = struct.pack(">HHHB", 7, 0, len(response) - 2, query.unit) + response[1:-2]
        stream = bytearray(damaged(adu, chance, known))
        done += len(stream)
        try:
            while frame := mbap.take(stream):
                pdu = mbap.judge(frame[1], frame[2], query)
                assert (frame[1], pdu[0], pdu[1]) == (query.unit, query.function, query.size)
        except (BadAnswer, MeterRefused):
            continue
