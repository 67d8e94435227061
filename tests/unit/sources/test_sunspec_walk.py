"""Whatever a device answers, the walk along its SunSpec chain ends soon, with a chain or one clear error."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.errors import BadAnswer, MeterRefused
from collector.sources.modbus.sunspec import BASES, MARKER, MOST_MODELS, Entry, identify, walk

LIMIT = len(BASES) + MOST_MODELS


class Device:
    """Answers from a memory of words, and counts."""

    def __init__(self, memory: bytes, base: int = 40000) -> None:
        self.memory, self.base, self.reads = MARKER + memory, base, 0

    def read(self, address: int, count: int) -> bytes:
        self.reads += 1
        begin = 2 * (address - self.base)
        data = self.memory[begin : begin + 2 * count] if begin >= 0 else b""
        if len(data) < 2 * count:
            raise MeterRefused("no such register", 2)
        return data


@given(st.binary(max_size=600), st.sampled_from(BASES))
def test_any_memory_gives_a_chain_or_a_device_error(memory: bytes, base: int) -> None:
    device = Device(memory[: len(memory) // 2 * 2], base)
    try:
        chain = walk(device.read)
    except (BadAnswer, MeterRefused):
        chain = None
    assert device.reads <= LIMIT
    if chain is not None:
        assert all(entry.length and entry.end <= 0xFFFF for entry in chain.entries)


@pytest.mark.parametrize("seed", range(20))
def test_a_device_that_answers_anything_is_left_soon(seed: int) -> None:
    chance, reads = random.Random(seed), 0

    def read(address: int, count: int) -> bytes:
        nonlocal reads
        reads += 1
        return MARKER if address in BASES and count == 2 else chance.randbytes(2 * count)

    with pytest.raises(BadAnswer):
        walk(read)
    assert reads <= LIMIT


@given(st.binary(min_size=128, max_size=128))
def test_any_text_of_a_model_1_is_printable(data: bytes) -> None:
    common = identify(lambda address, count: data, Entry(1, 40002, 66))
    assert all(text.isprintable() for text in (common.maker, common.model, common.version, common.serial))


def test_a_model_1_that_is_too_short_says_nothing() -> None:
    assert identify(lambda address, count: b"", Entry(1, 40002, 10)).serial == ""
