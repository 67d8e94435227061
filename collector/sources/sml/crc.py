"""Computes the check values of SML: CRC-16/X.25 (ISO/IEC 13239), and the kindred one that some meters use instead."""

from __future__ import annotations

_POLYNOMIAL = 0x8408  # x^16 + x^12 + x^5 + 1, least significant bit first


def _entry(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
    return byte


_TABLE = tuple(_entry(byte) for byte in range(256))


def _run(data: bytes, register: int) -> int:
    for byte in data:
        register = register >> 8 ^ _TABLE[(register ^ byte) & 0xFF]
    return register


def x25(data: bytes) -> int:
    """CRC-16/X.25: the register starts with ones and is inverted at the end; its low byte is sent first."""
    return _run(data, 0xFFFF) ^ 0xFFFF


def kermit(data: bytes) -> int:
    """CRC-16/KERMIT: the same polynomial, the register starts with 0 and is not inverted."""
    return _run(data, 0)
