"""Builds frames independently of the code under test, and finds the real ones."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest

REAL = Path(__file__).resolve().parents[3].parent / "shared" / "real" / "modbus-traffic"


def crc(data: bytes) -> bytes:
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return struct.pack("<H", value)


def framed(body: bytes) -> bytes:
    return body + crc(body)


def answer(unit: int, function: int, data: bytes) -> bytes:
    return framed(bytes((unit, function, len(data))) + data)


def recorded(name: str) -> list[dict[str, Any]]:
    path = REAL / name
    if not path.exists():
        pytest.skip(f"the recorded traffic {name} is not on this machine")
    return json.loads(path.read_text())  # type: ignore[no-any-return]
