"""Lays a meter's values out in registers: types, word order, scale and "not available" as the model says."""

from __future__ import annotations

import math
import struct

from collector.devices.map import Model, Register, RegisterType

_FLOATS = {RegisterType.FLOAT32: ">f", RegisterType.FLOAT64: ">d"}


class IllegalAddress(Exception):
    """The request begins or ends inside a value, or asks for a register that does not exist (exception 02)."""


class Image:
    """Which registers a model has."""

    def __init__(self, model: Model, strict_holes: bool) -> None:
        """`strict_holes`: True when a register between two values cannot be read along with them."""
        self._little = model.word_order == "little"
        self._strict = strict_holes
        self._starts = {register.address: register for register in model.registers()}
        self._ends = {register.end for register in model.registers()}
        self._known: dict[tuple[int, int], tuple[Register | None, ...]] = {}

    def registers(self, address: int, count: int) -> tuple[Register | None, ...]:
        """The values of this range in order, None for each register of a hole; raises IllegalAddress."""
        known = self._known.get((address, count))
        if known is None:
            known = self._known[address, count] = tuple(self._walk(address, address + count))
        return known

    def _walk(self, address: int, end: int) -> list[Register | None]:
        if address not in self._starts or end not in self._ends:
            raise IllegalAddress
        found: list[Register | None] = []
        while address < end:
            register = self._starts.get(address)
            if register is None and self._strict:
                raise IllegalAddress
            found.append(register)
            address = register.end if register else address + 1
        return found

    def encode(self, register: Register, value: float | None) -> bytes:
        """The bytes of one value, given in the quantity's unit; None and NaN become "not available"."""
        return self.ordered(_raw(register, value))

    def ordered(self, raw: bytes) -> bytes:
        """Bytes with the most significant word first, in the meter's own word order."""
        if not self._little:
            return raw
        return b"".join(raw[at : at + 2] for at in range(len(raw) - 2, -1, -2))


def _raw(register: Register, value: float | None) -> bytes:
    size = 2 * register.type.count
    if value is None or math.isnan(value):
        return _missing(register, size)
    if register.type in _FLOATS:
        return struct.pack(_FLOATS[register.type], value / register.scale)
    signed = register.type.value.startswith("int")
    lowest, highest = (-(1 << 8 * size - 1), (1 << 8 * size - 1) - 1) if signed else (0, (1 << 8 * size) - 1)
    return min(max(round(value / register.scale), lowest), highest).to_bytes(size, "big", signed=signed)


def _missing(register: Register, size: int) -> bytes:
    """The model's own pattern, else all bits set, which is NaN for a float."""
    return min(register.missing).to_bytes(size, "big") if register.missing else b"\xff" * size
