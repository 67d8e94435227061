"""Dumps of real meters are decoded as an independent library decoded them; what is damaged gives nothing."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from collector.devices.obis import short
from collector.sources.sml.crc import kermit, x25
from collector.sources.sml.decode import decode
from collector.sources.sml.transport import frames

FOLDER = Path(__file__).parents[4].parent / "shared" / "real" / "sml" / "libsml-testing"
DUMPS = sorted(FOLDER.glob("*.bin")) if FOLDER.is_dir() else []
needs_dumps = pytest.mark.skipif(not DUMPS, reason=f"dumps of real meters are not here: {FOLDER}")
#: The library stops at a value that a meter sends without any content; its checks and its structure are right.
LIBRARY_STOPS = "EMH_eHZ-IW8E2A5L0EK2P_with_error"
ALL = 10_000_000


def expected(dump: Path) -> list[tuple[str, object]]:
    found = json.loads(dump.with_suffix(".expected.json").read_text())
    return [(code, entry["value"]) for frame in found["frames"] for code, entry in frame.items()]


def said(value: object) -> object:
    """Octets are shown as letters or as hex digits; both are the same octets."""
    if isinstance(value, str):
        return value.encode().hex() if value.isascii() and not _hex(value) else value.lower()
    return value


def _hex(text: str) -> bool:
    try:
        return bool(bytes.fromhex(text)) and len(text) > 8
    except ValueError:
        return False


@needs_dumps
@pytest.mark.parametrize("dump", [d for d in DUMPS if d.stem != LIBRARY_STOPS], ids=lambda dump: dump.stem)
def test_every_value_is_what_the_library_says(dump: Path) -> None:
    telegrams = decode(dump.read_bytes())
    found = [(value.code, said(value.value)) for telegram in telegrams for value in telegram.values]
    assert found == [(code, said(value)) for code, value in expected(dump)]
    assert all(telegram.complete for telegram in telegrams) == bool(found)


@needs_dumps
def test_a_value_without_content_costs_the_others_nothing() -> None:
    telegrams = decode((FOLDER / f"{LIBRARY_STOPS}.bin").read_bytes())
    assert len(telegrams) == 11
    for telegram in telegrams:
        values = {short(value.code) or value.code: value.value for value in telegram.values}
        assert values["1.8.0"] == values["1.8.1"]
        assert any("it has no value" in problem for problem in telegram.problems)


@needs_dumps
def test_two_frames_that_were_cut_off_give_nothing() -> None:
    telegrams = decode((FOLDER / "DZG_DVS-7420.2V.G2_mtr1_error.bin").read_bytes())
    assert telegrams
    assert not any(telegram.values or telegram.complete for telegram in telegrams)
    assert all("cut off" in telegram.problems[0] for telegram in telegrams)


@needs_dumps
@pytest.mark.slow
def test_every_single_damaged_bit_of_a_telegram_is_noticed() -> None:
    whole = (FOLDER / "ISKRA_MT631-D1A52-K0z-H01_with_PIN.bin").read_bytes()[:400]
    true = decode(whole)[0]
    assert true.complete
    for bit in range(8 * len(whole)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        believed = [telegram for telegram in decode(bytes(damaged)) if telegram.complete]
        assert all(telegram.values == true.values for telegram in believed)


@needs_dumps
@pytest.mark.slow
def test_damaged_dumps_are_believed_only_with_their_check() -> None:
    chance, done = Random(645), 0
    dumps = [dump.read_bytes() for dump in DUMPS]
    while done < ALL:
        data = bytearray(chance.choice(dumps))
        for _ in range(chance.choice((1, 2, 5, 40))):
            at = chance.randrange(len(data))
            match chance.randrange(4):
                case 0:
                    data[at] ^= 1 << chance.randrange(8)
                case 1:
                    del data[at : at + chance.choice((1, 3, 50))]
                case 2:
                    data[at:at] = data[at : at + chance.choice((1, 8, 200))]
                case _:
                    data[at:at] = chance.choice(
                        (b"\x1b\x1b\x1b\x1b", b"\x01\x01\x01\x01", b"\x00", b"\x83\xff", b"\x7f")
                    )
        done += len(data)
        whole = [f for f in frames(bytes(data)) if f.crc in (x25(f.checked), kermit(f.checked)) and not f.fault]
        assert sum(telegram.complete for telegram in decode(bytes(data))) <= len(whole)
