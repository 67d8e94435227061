"""Ten million bytes of damaged DL/T 645: no exception, no frame with a wrong sum, time in proportion."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import pytest

from collector.sources.dlt645 import decode
from collector.sources.dlt645.frame import Frame, build, search

IDENTIFIERS = (
    "00010000",
    "0001FF00",
    "02010100",
    "0201FF00",
    "0203FF00",
    "02060000",
    "01010000",
    "04000404",
    "001D0000",
)


CAPTURES = Path(__file__).parents[4].parent / "shared" / "real" / "dlt645" / "frames.json"
REAL = [bytes.fromhex(one["hex"]) for one in json.loads(CAPTURES.read_bytes())] if CAPTURES.exists() else []


def some_frame(chance: random.Random) -> bytes:
    if REAL and chance.random() < 0.6:
        return chance.choice(REAL)
    address = f"{chance.randrange(10**12):012d}"
    if chance.random() < 0.3:
        name, control = (
            chance.choice(("9010", "901F", "B611", "B61F", "B63F")),
            chance.choice((0x01, 0x81, 0xA1, 0x82, 0xC1)),
        )
    else:
        name, control = chance.choice(IDENTIFIERS), chance.choice((0x11, 0x91, 0xB1, 0x92, 0xB2, 0xD1, 0x93))
    data = bytes.fromhex(name)[::-1] + chance.randbytes(chance.randrange(30))
    return b"\xfe" * chance.randrange(5) + build(address, control, data)


def damaged(chance: random.Random, size: int) -> bytes:
    out = bytearray()
    while len(out) < size:
        frame = bytearray(some_frame(chance))
        for _ in range(chance.randrange(3)):
            at = chance.randrange(len(frame))
            match chance.randrange(5):
                case 0:
                    frame[at] = chance.randrange(256)
                case 1:
                    frame[at] ^= 1 << chance.randrange(8)
                case 2:
                    del frame[at:]
                    frame += b"\x68"
                case 3:
                    frame[at:at] = chance.randbytes(chance.randrange(8))
                case _:
                    frame[at:at] = b"\x68" * chance.randrange(12)
        out += frame
    return bytes(out)


def check(data: bytes) -> int:
    telegrams = decode(data)
    believed = 0
    for found in search(data):
        if isinstance(found, Frame):
            believed += 1
            raw = data[found.begin : found.end]
            assert raw[0] == raw[7] == 0x68
            assert raw[-1] == 0x16
            assert len(raw) == raw[9] + 12
            assert sum(raw[:-2]) % 256 == raw[-2]
    whole = sum(telegram.complete for telegram in telegrams)
    assert whole <= believed
    assert all(telegram.problems for telegram in telegrams if not telegram.complete)
    return whole


def test_a_little_damage() -> None:
    assert check(damaged(random.Random(1), 100_000)) > 500


@pytest.mark.slow
def test_ten_million_bytes_of_damage() -> None:
    for seed in range(10):
        assert check(damaged(random.Random(seed), 1_000_000)) > 5_000


@pytest.mark.parametrize(
    "unit",
    [b"\x68", b"\x00", b"\xfe", b"\x68\x00\x00\x00\x00\x00\x00\x68\x91\xff", b"\x68" * 10 + b"\x16", b"\x16\x68"],
)
@pytest.mark.usefixtures("uncollected")
def test_time_grows_as_the_bytes_do(unit: bytes) -> None:
    def seconds(size: int) -> float:
        data = (unit * (size // len(unit) + 1))[:size]
        began = time.process_time()
        decode(data)
        return time.process_time() - began

    short = min(seconds(20_000) for _ in range(3))
    assert seconds(200_000) < 30 * short + 0.05
