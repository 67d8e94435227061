"""Knows the characters on the wire: parity, block check and CRC (IEC 62056-21, sections 5.2 and 6.3; DSMR P1, 5.2)."""

from __future__ import annotations

from functools import reduce
from operator import xor

SOH, STX, ETX, EOT, ACK, NAK = 0x01, 0x02, 0x03, 0x04, 0x06, 0x15
#: What stands where a character arrived damaged: ASCII's own sign for it.
SUBSTITUTE = 0x1A

_EVEN = bytes(byte for byte in range(256) if byte.bit_count() % 2 == 0)
_HIGH = bytes(range(128, 256))
_MASK = bytes(byte & 0x7F for byte in range(256))
_CHECKED = bytes(byte & 0x7F if byte.bit_count() % 2 == 0 else SUBSTITUTE for byte in range(256))
_WITH_PARITY = bytes(byte | 0x80 if byte < 128 and byte.bit_count() % 2 else byte for byte in range(256))
#: One character in so many may be damaged, and the others still tell that bit 7 is their parity.
_ODD_ONES = 8
_CRC_POLYNOMIAL = 0xA001


def seven_bits(data: bytes) -> bytes:
    """The lower seven bits of every byte, whatever the eighth says."""
    return data.translate(_MASK)


def has_parity(data: bytes) -> bool:
    """True when bit 7 is the even parity of the others: a line of 7E1 heard as 8N1."""
    high = len(data) - len(data.translate(None, _HIGH))
    odd = len(data.translate(None, _EVEN))
    return high > 0 and odd * _ODD_ONES <= len(data)


def has_mark(data: bytes) -> bool:
    """True when bit 7 is always set: the stop bit of a line of 7N1 or 7N2 heard as 8N1."""
    high = len(data) - len(data.translate(None, _HIGH))
    return len(data) >= _ODD_ONES and high * _ODD_ONES >= len(data) * (_ODD_ONES - 1)


def text_of(data: bytes) -> bytes:
    """The characters without their parity or stop bit, SUBSTITUTE for a wrong one; other data stays as it is."""
    if has_parity(data):
        return data.translate(_CHECKED)
    return data.translate(_MASK) if has_mark(data) else data


def with_parity(data: bytes) -> bytes:
    """Seven-bit characters as 7E1 sends them, for a port that is open as 8N1."""
    return data.translate(_WITH_PARITY)


def block_check(data: bytes) -> int:
    """The block check character: exclusive or of all that stands behind STX or SOH, up to and with ETX."""
    return reduce(xor, data, 0)


def _crc_table() -> tuple[int, ...]:
    def shifted(value: int) -> int:
        for _ in range(8):
            value = (value >> 1) ^ _CRC_POLYNOMIAL if value & 1 else value >> 1
        return value

    return tuple(shifted(byte) for byte in range(256))


_CRC = _crc_table()


def crc16(data: bytes) -> int:
    """CRC-16/ARC, as P1 telegrams carry it behind their end mark."""
    value = 0
    for byte in data:
        value = (value >> 8) ^ _CRC[(value ^ byte) & 0xFF]
    return value
