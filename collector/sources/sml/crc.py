"""Computes the check sums of SML: CRC-16/X-25 (DIN EN 62056-46), and the CRC-16/Kermit that one maker uses instead."""

from __future__ import annotations


def _table() -> tuple[int, ...]:
    found = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0x8408 if crc & 1 else crc >> 1
        found.append(crc)
    return tuple(found)


_TABLE = _table()


def x25(data: bytes) -> int:
    """CRC-16/X-25 as a number, its low byte being sent first."""
    return _run(data, 0xFFFF) ^ 0xFFFF


def kermit(data: bytes) -> int:
    """CRC-16/Kermit: the same polynomial, but started at 0 and not inverted (Holley DTZ541)."""
    return _run(data, 0)


def _run(data: bytes, crc: int) -> int:
    for byte in data:
        crc = (crc >> 8) ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc
