"""Where the captures of real meters lie, and telegrams of our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[4].parent / "shared" / "real" / "iec62056-21"


def captures() -> list[Path]:
    return sorted(FOLDER.glob("*/*.bin")) if FOLDER.is_dir() else []


def about(capture: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capture.with_suffix(".json").read_text())
    return found


def check(block: bytes) -> int:
    """The block check, written again: no telegram is accepted by our own word alone."""
    value = 0
    for byte in block:
        value ^= byte
    return value


def telegram(lines: bytes, identification: bytes = b"ABC5METER") -> bytes:
    block = lines + b"!\r\n\x03"
    return b"/" + identification + b"\r\n\x02" + block + bytes([check(block)])


def as_7e1(data: bytes) -> bytes:
    """Bit 7 makes the number of ones even."""
    return bytes(byte | (byte.bit_count() % 2) << 7 for byte in data)
