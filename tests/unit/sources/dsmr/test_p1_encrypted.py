"""Encrypted telegrams are read with their key, and never without it."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from p1_captures import PEERS_KEY, capture, telegram

from collector.cli.frame import phaselog
from collector.errors import UsageError
from collector.sources.dsmr import decode as room
from collector.sources.dsmr.decode import decode
from collector.sources.dsmr.key import Key, read_key

aead = pytest.importorskip("cryptography.hazmat.primitives.ciphers.aead", reason="cryptography is not installed")

LUXEMBOURG = "00112233445566778899AABBCCDDEEFF"


def encrypted(text: bytes, key: bytes = PEERS_KEY, counter: int = 1, authentication: str = LUXEMBOURG) -> bytes:
    """As a meter does it, by another part of the library (which shortens the tag no more than its caller does)."""
    title, count = b"SAG\x00\x01\x02\x03\x04", counter.to_bytes(4, "big")
    sealed: bytes = aead.AESGCM(key).encrypt(title + count, text, b"\x30" + bytes.fromhex(authentication))[:-4]
    return b"\xdb\x08" + title + b"\x82" + (len(sealed) + 5).to_bytes(2, "big") + b"\x30" + count + sealed


def test_the_packet_of_a_peer() -> None:
    packet = capture("esphome-libs-dsmr_parser/encrypted_packet.bin")
    (found,) = decode(packet, Key(PEERS_KEY))
    assert (found.complete, found.problems, found.identification) == (True, (), "EST5\\253710000_A")
    assert ("1-0:1.8.0", 6545766.0, "Wh") in [(value.code, value.value, value.unit) for value in found.values]


@pytest.mark.parametrize(("key", "problem"), [(None, room.NO_KEY), (Key(bytes(16)), room.WRONG_KEY)])
def test_without_the_key_nothing_is_read(key: Key | None, problem: str) -> None:
    (found,) = decode(encrypted(telegram()), key)
    assert (found.complete, found.values, found.problems) == (False, (), (problem,))


@given(st.integers(0, 400), st.integers(0, 7))
def test_one_bit_turned_over_is_never_believed(at: int, bit: int) -> None:
    frame = bytearray(encrypted(telegram()))
    frame[at % len(frame)] ^= 1 << bit
    assert not any(found.complete or found.values for found in decode(bytes(frame), Key(PEERS_KEY)))


def test_frames_in_a_row_with_noise_and_a_cut_one_between() -> None:
    frames = [encrypted(telegram(), counter=n) for n in range(4)]
    stream = frames[0][200:] + frames[0] + b"\x55" * 100 + frames[1][:-40] + frames[2] + frames[3] + frames[0][:50]
    found = decode(stream, Key(PEERS_KEY))
    assert [one.complete for one in found] == [True, False, True, True, False]
    assert found[1].problems == (room.WRONG_KEY,)
    assert found[4].problems == (room.CUT, room.BESIDE)


def test_a_captured_file_is_decoded_with_the_key_in_another(tmp_path: Path) -> None:
    (tmp_path / "p1.key").write_text(PEERS_KEY.hex())
    (tmp_path / "p1.bin").write_bytes(encrypted(telegram()))
    arguments = ["decode", "dsmr", str(tmp_path / "p1.bin"), "--json"]
    closed = json.loads(CliRunner().invoke(phaselog, arguments).stdout)
    assert (closed["complete"], closed["values"]) == (False, [])
    opened = json.loads(CliRunner().invoke(phaselog, [*arguments, "--key-file", str(tmp_path / "p1.key")]).stdout)
    assert opened["complete"]
    assert {"code": "1-0:1.8.1", "quantity": "active_energy_import_t1", "value": 4.426, "unit": "kWh"} in opened[
        "values"
    ]


def test_an_austrian_key_has_two_lines(tmp_path: Path) -> None:
    other = "0F" * 16
    file = tmp_path / "p1.key"
    file.write_text(f"{PEERS_KEY.hex()}\n{other}\n")
    assert decode(encrypted(telegram(), authentication=other), read_key(file))[0].complete


@pytest.mark.parametrize(
    "text", ["", "AA" * 15, "GG" * 16, "AA" * 16 + "\nAB", "\xff", "AA" * 16 + "\n" + "AA" * 16 + "\nA"]
)
def test_a_file_that_is_no_key(tmp_path: Path, text: str) -> None:
    file = tmp_path / "p1.key"
    file.write_text(text, "latin-1")
    with pytest.raises(UsageError) as refused:
        read_key(file)
    assert refused.value.hint
    assert "AAAA" not in str(refused.value)


def test_a_key_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"missing\.key: the key cannot be read"):
        read_key(tmp_path / "missing.key")


def test_without_the_extra_a_clear_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers", None)
    with pytest.raises(UsageError) as refused:
        Key(PEERS_KEY)
    assert "p1-encrypted" in refused.value.hint


@pytest.mark.slow
def test_headers_in_a_row_take_no_more_time_than_their_number() -> None:
    header = encrypted(b"")[:14]

    def each(count: int) -> float:
        before = time.process_time()
        assert not any(found.complete for found in decode(count * (header[:11] + b"\x20\x00\x30"), Key(PEERS_KEY)))
        return (time.process_time() - before) / count

    assert min(each(40_000) for _ in range(2)) < 2.5 * each(10_000)
