"""A scan finds who answers, what it may be and why; the dead cost one short wait."""

from __future__ import annotations

import struct

import pytest
from modbus_meters import memory, two_blocks
from modbus_peer import Memory, Peer, floats, framed

from collector.config.settings import LineSettings
from collector.devices.map import Group, Identity, Model, Register, RegisterType, When
from collector.sources.factory import open_wire
from collector.sources.modbus.identity import SaidIdentity
from collector.sources.modbus.scan import Found, judge_words, scan
from collector.sources.ticker import SystemTicker

OTHER = Model(
    "other", "maker", "title", "modbus",
    (Group("now", When.TICK, (Register("v", 100, RegisterType.FLOAT32, "voltage_l1_n"),)),), (), True,
    unit=5, identity=Identity(slave_id="pm710", probe="v"),
)  # fmt: skip


def look(peer: Peer, units: list[int]) -> tuple[list[Found], list[tuple[int, int]]]:
    told: list[tuple[int, int]] = []
    wire = open_wire(LineSettings("l", port=peer.port, baud=38400, timeout=0.08), SystemTicker())
    return list(scan(wire, units, [two_blocks(), OTHER], SystemTicker(), lambda *step: told.append(step))), told


def says(vendor: bytes, product: bytes) -> bytes:
    objects = b"".join(bytes((k, len(text))) + text for k, text in enumerate([vendor, product, b"V1"]))
    return framed(bytes.fromhex("7e 2b 0e 01 01 00 00 03") + objects)


@pytest.mark.slow
def test_it_finds_units_and_their_models() -> None:
    with Peer({126: memory(), 5: Memory({1: floats(1.0), 100: floats(229.0)})}, baud=38400) as peer:
        found, told = look(peer, [4, 5, 6, 126])
    assert [(one.unit, one.candidates[0].model) for one in found] == [(5, "other"), (126, "m")]
    assert any("voltage" in why or "v is 229" in why for why in found[0].candidates[0].why)
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_it_believes_what_a_meter_says_of_itself() -> None:
    with Peer({126: memory()}, baud=38400) as peer:
        peer.identities = {126: says(b"SIEMENS AG", b"PAC3100")}
        found, _ = look(peer, [126])
    assert found[0].identity == SaidIdentity("SIEMENS AG", "PAC3100", "V1", "")
    assert found[0].candidates[0].score > 0.9


@pytest.mark.slow
def test_dead_units_cost_one_short_wait() -> None:
    with Peer({}, baud=38400) as peer:
        found, _ = look(peer, list(range(1, 9)))
        assert found == []
        assert len(peer.requests) == 8


def test_two_meters_at_one_address_are_named_as_trouble() -> None:
    with Peer({7: memory()}, baud=38400) as peer:
        peer.faults.extend([lambda q, a: [(0.0, bytes(x ^ 0x15 for x in a))]] * 2)
        found, _ = look(peer, [7])
    assert found[0].unit == 7
    assert found[0].trouble


def test_what_a_meter_says_counts_against_other_models() -> None:
    score, why = judge_words(two_blocks(), SaidIdentity("Schneider Electric", "PM5110"))
    assert score < 0
    assert not why


def test_an_impossible_voltage_is_no_evidence() -> None:
    with Peer({5: Memory({1: floats(1.0), 100: struct.pack(">f", 1e9)})}, baud=38400) as peer:
        found, _ = look(peer, [5])
    assert found[0].candidates == ()
