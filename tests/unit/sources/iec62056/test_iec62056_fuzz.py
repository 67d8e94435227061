"""Damaged captures of real meters are never believed against their check, and cost no more than their length."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Iterator
from random import Random

import pytest
from iec62056_captures import FOLDER, captures, check, telegram

from collector.sources.iec62056.characters import crc16, text_of
from collector.sources.iec62056.decode import NO_CHECK, decode

CAPTURES = captures()
needs_captures = pytest.mark.skipif(not CAPTURES, reason=f"captures of real meters are not here: {FOLDER}")
ALL = 10_000_000


def mutated(data: bytes, chance: Random) -> bytes:
    """Bits turned over, bytes gone, doubled, in disorder, or another telegram in the middle."""
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 5, 40))):
        at = chance.randrange(len(found) + 1)
        match chance.randrange(7):
            case 0:
                found[at : at + 1] = bytes([chance.randrange(256)])
            case 1 if at < len(found):
                found[at] ^= 1 << chance.randrange(8)
            case 2:
                del found[at : at + chance.choice((1, 3, 30))]
            case 3:
                found[at:at] = found[at : at + chance.choice((1, 10, 200))]
            case 4:
                del found[at:]
            case 5:
                del found[:at]
            case _:
                found[at:at] = bytes([chance.choice(b"\x01\x02\x03\x06\x15/!()*\r\n\x7f\0")])
    return bytes(found)


def proofs(data: bytes) -> set[str]:
    """Which checks agree anywhere in these bytes: from any beginning to any end."""
    text = text_of(data)
    found = set()
    if any(check(text[begin + 1 : end + 1]) == text[end + 1] for begin, end in _blocks(text)):
        found.add("block")
    for begin in _all(text, b"/"):
        for end in _all(text, b"!"):
            stated = text[end + 1 : end + 5].split(b"\r")[0].split(b"\n")[0].strip()
            if begin < end and stated and _hex(stated) == crc16(text[begin : end + 1]):
                found.add("crc")
    return found


def _blocks(text: bytes) -> Iterator[tuple[int, int]]:
    """STX, or the end of a line where only STX is lost, to ETX."""
    ends = [end for end in _all(text, b"\x03") if end + 1 < len(text)]
    begins = [*_all(text, b"\x02"), *_all(text, b"\n"), *_all(text, b"\r")]
    return ((begin, end) for begin in begins for end in ends if begin < end)


def _all(text: bytes, mark: bytes) -> Iterator[int]:
    at = text.find(mark)
    while at >= 0:
        yield at
        at = text.find(mark, at + 1)


def _hex(text: bytes) -> int:
    try:
        return int(text, 16)
    except ValueError:
        return -1


def believed_without_proof(data: bytes) -> list[object]:
    """Telegrams that count as proved although nothing in these bytes proves anything."""
    found = decode(data)
    proved = [one for one in found if one.complete and NO_CHECK not in one.problems]
    refused = [one for one in found if one.values and any("wrong" in problem for problem in one.problems)]
    return [*refused, *(proved if proved and not proofs(data) else [])]


@needs_captures
def test_some_damage() -> None:
    chance = Random(1)
    for capture in CAPTURES:
        for _ in range(10):
            assert not believed_without_proof(mutated(capture.read_bytes(), chance))


@needs_captures
@pytest.mark.slow
def test_ten_million_bytes_of_damage() -> None:
    chance, spent = Random(62056), 0
    sources = [capture.read_bytes() for capture in CAPTURES]
    while spent < ALL:
        data = mutated(chance.choice(sources), chance)
        if chance.random() < 0.2:
            data += mutated(chance.choice(sources), chance)
        spent += len(data)
        assert not believed_without_proof(data), data


HARD = {
    "brackets": b"(",
    "closing": b")",
    "blanks": b"1.8.0(" + b" " * 40,
    "identifications": b"/ABC5METER\r\n",
    "requests": b"/?1",
    "blocks": b"\x02",
    "ends": b"\x03",
    "commands": b"\x01R5\x02",
    "lines": b"1.8.0(1*kWh)\r\n",
    "one line": b"1.8.0(1*kWh)",
    "marks": b")!",
    "fields": b"9.4(" + b"&" * 50,
    "telegrams": telegram(b"1.8.0(1*kWh)\r\n"),
    "cut": telegram(b"1.8.0(1*kWh)\r\n")[:-3],
    "parity": bytes([0xB1, 0x2E, 0xB8]),
    "zeros": b"\0",
    "stars": b"1.8.0(" + b"1*" * 30,
}


def work(data: bytes) -> int:
    """Function calls that decoding takes."""
    profile = cProfile.Profile()
    profile.runcall(decode, data)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


@pytest.mark.slow
@pytest.mark.parametrize("pattern", HARD.values(), ids=HARD.keys())
@pytest.mark.parametrize("before", [b"", b"/ABC5METER\r\n", b"/ABC5METER\r\n\x02"], ids=["bare", "identified", "block"])
def test_work_grows_with_the_length_and_no_faster(pattern: bytes, before: bytes) -> None:
    small, large = (work(before + pattern * (size // len(pattern))) for size in (20_000, 80_000))
    assert large <= 5 * small + 100


@pytest.mark.parametrize("pattern", HARD.values(), ids=HARD.keys())
@pytest.mark.slow
def test_a_megabyte_of_anything_is_taken(pattern: bytes) -> None:
    """Searching inside one call counts as one call: here it would take minutes if it were not linear."""
    decode(b"/ABC5METER\r\n" + pattern * (1_000_000 // len(pattern)))
