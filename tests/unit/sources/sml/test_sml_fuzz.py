"""Damaged recordings never raise, never cost more than their length, and never give a value with a wrong check."""

from __future__ import annotations

import time
from random import Random

import pytest
from sml_dumps import DUMPS, MISSING, dump

from collector.sources.sml.crc import x25
from collector.sources.sml.decode import KERMIT, decode
from collector.sources.sml.messages import Check, messages
from collector.sources.sml.transport import frames

BYTES = 10_000_000
ESCAPE = b"\x1b" * 4


def mutated(data: bytes, chance: Random) -> bytes:
    """A recording with bytes changed, lost, doubled, moved, and escape sequences where none belong."""
    found = bytearray(data)
    for _ in range(chance.randrange(1, 30)):
        at, length = chance.randrange(len(found)), chance.randrange(1, 40)
        kind = chance.randrange(6)
        if kind == 0:
            found[at] = chance.randrange(256)
        elif kind == 1:
            del found[at : at + length]
        elif kind == 2:
            found[at:at] = found[at : at + length]
        elif kind == 3:
            found[at:at] = chance.choice(
                (ESCAPE, ESCAPE + b"\1\1\1\1", ESCAPE + b"\x1a\0", b"\xf1\x8f\x8f", b"\x77" * 9)
            )
        elif kind == 4:
            found[at:at] = chance.randbytes(length)
        else:
            found[at] ^= 1 << chance.randrange(8)
        if not found:
            return data
    return bytes(found)


def rechecked(data: bytes) -> bytes:
    """With the right check behind a damaged payload, so that damage reaches the decoder of elements."""
    end = data.find(ESCAPE + b"\x1a")
    start = data.rfind(ESCAPE + b"\1\1\1\1", 0, max(end, 0))
    if start < 0:
        return data
    content = data[start : end + 6]
    return data[:start] + content + x25(content).to_bytes(2, "little") + data[end + 8 :]


def judge(data: bytes) -> int:
    """How many telegrams were believed. Their bytes are checked here once more, by nothing but the standard's rules."""
    believed = 0
    for telegram in decode(data):
        assert telegram.complete or (telegram.problems and not telegram.values)
        believed += telegram.complete
    right = 0
    for frame in frames(data):
        if frame.payload is None or frame.kermit:
            continue
        end = data.find(ESCAPE + b"\x1a", frame.start)
        while end >= 0 and x25(data[frame.start : end + 6]) != int.from_bytes(data[end + 6 : end + 8], "little"):
            end = data.find(ESCAPE + b"\x1a", end + 1)
        assert end >= 0, "a telegram was believed whose check is nowhere"
        right += 1
    assert believed <= right or any(KERMIT in telegram.problems for telegram in decode(data))
    return believed


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not DUMPS, reason=MISSING)
def test_ten_million_damaged_bytes_give_no_wrong_value():
    chance, done, believed = Random(1104), 0, 0
    whole = [dump(name) for name in DUMPS]
    while done < BYTES:
        data = mutated(chance.choice(whole), chance)
        if chance.random() < 0.3:
            data = rechecked(data)
        believed += judge(data)
        done += len(data)
    assert believed > 100


@pytest.mark.skipif(not DUMPS, reason=MISSING)
def test_some_damaged_bytes_give_no_wrong_value():
    chance = Random(7)
    whole = [dump(name) for name in DUMPS]
    for _ in range(60):
        judge(rechecked(mutated(chance.choice(whole), chance)))


@pytest.mark.skipif(not DUMPS, reason=MISSING)
def test_every_message_of_every_recording_carries_its_right_check():
    for name in DUMPS:
        for frame in frames(dump(name)):
            if frame.payload is not None:
                assert {message.check for message in messages(frame.payload)} == {Check.RIGHT}


@pytest.mark.slow
@pytest.mark.parametrize(
    "part",
    [
        b"\x1b",
        ESCAPE + b"\1\1\1\1",
        ESCAPE + b"\1\1\1\1" + ESCAPE + b"\x1a\0\0\0",
        ESCAPE + b"\1\1\1\1" + b"\x76" * 40,
        b"\0",
        b"\x77",
    ],
)
@pytest.mark.usefixtures("uncollected")
def test_the_work_grows_with_the_length_only(part: bytes):
    def seconds(length: int) -> float:
        data = (part * (length // len(part) + 1))[:length]
        started = time.process_time()
        decode(data)
        return time.process_time() - started

    assert min(seconds(400_000) for _ in range(2)) < 8 * max(0.02, seconds(100_000))


@pytest.mark.slow
def test_a_short_message_again_and_again_costs_no_more():
    content = ESCAPE + b"\1\1\1\1" + b"\x76\1\1\1\x72\x62\1\1\x62\0\0" * 2900 + ESCAPE + b"\x1a\0"
    data = (content + x25(content).to_bytes(2, "little")) * 8
    started = time.process_time()
    assert not any(telegram.complete for telegram in decode(data))
    assert time.process_time() - started < 5
