"""Lays a meter's values out in registers: types, word order, scale and "not available" as the model says."""

from __future__ import annotations

import math
import struct

from collector.devices.map import Block, Model, Register, RegisterType

_FLOATS = {RegisterType.FLOAT32: ">f", RegisterType.FLOAT64: ">d"}


class IllegalAddress(Exception):
    """The request begins or ends inside a value, or asks for a register that does not exist (exception 02)."""


class Image:
    """Which registers a model has."""

    def __init__(self, model: Model, strict_holes: bool) -> None:
        """`strict_holes`: True when a register between two values cannot be read along with them."""
        self._model = model
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
        whole = Block(address, end - address) in self._model.blocks
        if not whole and (address not in self._starts or end not in self._ends or self._touches_a_block(address, end)):
            raise IllegalAddress
        found: list[Register | None] = []
        while address < end:
            register = self._starts.get(address)
            if register is None and self._strict and not whole:
                raise IllegalAddress
            found.append(register)
            address = register.end if register else address + 1
        return found

    def _touches_a_block(self, address: int, end: int) -> bool:
        return any(block.address < end and address < block.end for block in self._model.blocks)

    def encode(self, register: Register, value: float | None, exponent: int | None = 0) -> bytes:
        """The bytes of one value, given in the quantity's unit; None and NaN become "not available"."""
        return self.ordered(register, _raw(register, None if exponent is None else value, exponent or 0))

    def ordered(self, register: Register, raw: bytes) -> bytes:
        """Bytes with the most significant word first, in the meter's own word order."""
        if (register.word_order or self._model.word_order) == "big":
            return raw
        return b"".join(raw[at : at + 2] for at in range(len(raw) - 2, -1, -2))


def _raw(register: Register, value: float | None, exponent: int) -> bytes:
    size = 2 * register.type.count
    if value is None or math.isnan(value):
        return _missing(register, size)
    coded = value / register.scale / 10.0**exponent
    if register.type in _FLOATS:
        return struct.pack(_FLOATS[register.type], coded)
    signed = register.type.value.startswith("int")
    lowest, highest = (-(1 << 8 * size - 1), (1 << 8 * size - 1) - 1) if signed else (0, (1 << 8 * size) - 1)
    return min(max(round(coded), lowest), highest).to_bytes(size, "big", signed=signed)


def _missing(register: Register, size: int) -> bytes:
    """The model's own pattern, else all bits set, which is NaN for a float."""
    return min(register.missing).to_bytes(size, "big") if register.missing else b"\xff" * size
