"""Computes the check sum of a P1 telegram: CRC-16/ARC, written as four hexadecimal digits (DSMR 5.0.2 P1, 5.2)."""

from __future__ import annotations


def _table() -> tuple[int, ...]:
    found = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
        found.append(crc)
    return tuple(found)


_TABLE = _table()


def arc(data: bytes) -> int:
    """CRC-16/ARC of everything from `/` to `!`, both included."""
    crc = 0
    for byte in data:
        crc = (crc >> 8) ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc
