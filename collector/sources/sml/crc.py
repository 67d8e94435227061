"""Computes the two checks that SML meters use: CRC-16/X.25 (DIN EN 62056-46), and Holley's, which is CRC-16/KERMIT."""

from __future__ import annotations

_POLYNOMIAL = 0x8408


def _table() -> tuple[int, ...]:
    def shifted(value: int) -> int:
        for _ in range(8):
            value = (value >> 1) ^ _POLYNOMIAL if value & 1 else value >> 1
        return value

    return tuple(shifted(byte) for byte in range(256))


_TABLE = _table()


def _crc(data: bytes, value: int) -> int:
    for byte in data:
        value = (value >> 8) ^ _TABLE[(value ^ byte) & 0xFF]
    return value


def x25(data: bytes) -> int:
    """CRC-16/X.25 as SML writes it: its low byte first, read as one number with the high byte first."""
    value = _crc(data, 0xFFFF) ^ 0xFFFF
    return (value & 0xFF) << 8 | value >> 8


def kermit(data: bytes) -> int:
    """CRC-16/KERMIT in the same order."""
    value = _crc(data, 0)
    return (value & 0xFF) << 8 | value >> 8
