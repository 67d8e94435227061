"""Where the telegrams of real meters lie, and telegrams of our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[4].parent / "shared" / "real" / "dsmr-p1"
#: The key with which the peer encrypted its packet.
PEERS_KEY = bytes.fromhex("AA" * 16)


def telegrams() -> list[Path]:
    return sorted(FOLDER.glob("ndokter-dsmr_parser/*.txt"))


def expected(telegram: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(telegram.with_suffix(".json").read_text())
    return found


def capture(name: str) -> bytes:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"the capture {name} is not here")
    return path.read_bytes()


def crc(data: bytes) -> int:
    """CRC-16/ARC, written again bit by bit: no telegram is accepted by our own word alone."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value


LINES = (
    b"1-3:0.2.8(50)\r\n0-0:1.0.0(241105120000W)\r\n0-0:96.1.1(4B384547303034303436333935353037)\r\n"
    b"1-0:1.8.1(000004.426*kWh)\r\n1-0:1.8.2(000002.399*kWh)\r\n1-0:1.7.0(00.244*kW)\r\n1-0:2.7.0(00.000*kW)\r\n"
    b"0-1:96.1.0(3232323241424344313233343536373839)\r\n0-1:24.2.1(241105120000W)(00000.107*m3)\r\n"
)


def telegram(lines: bytes = LINES, header: bytes = b"ISk5\\2MT382-1000") -> bytes:
    checked = b"/" + header + b"\r\n\r\n" + lines + b"!"
    return checked + b"%04X\r\n" % crc(checked)
