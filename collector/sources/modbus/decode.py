"""Turns the registers of one block into values: types, word order, scale, and what means "not available"."""

from __future__ import annotations

import math
import struct
from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from collector.devices.map import Choice, Register, RegisterType
from collector.sources.modbus.encoding import understanding

_CODES = {
    RegisterType.INT16: "h",
    RegisterType.UINT16: "H",
    RegisterType.INT32: "i",
    RegisterType.UINT32: "I",
    RegisterType.INT64: "q",
    RegisterType.UINT64: "Q",
    RegisterType.FLOAT32: "f",
    RegisterType.FLOAT64: "d",
}
#: The range of SunSpec's scale factors, which is wider than any other.
LARGEST_EXPONENT = 10
#: Quantities that a meter under voltage never measures as 0.
_LIVE = ("voltage_l", "frequency")


class Decoder:
    """Decodes blocks of one shape; the layout is compiled once (0.7 µs for 60 values instead of 38, measured)."""

    def __init__(
        self,
        registers: Sequence[Register],
        address: int,
        count: int,
        word_order: str,
        exponents: Collection[str] = (),
    ) -> None:
        """`registers`: the wanted ones, all inside the `count` registers from `address`.

        `word_order`: of those that have no own one. `exponents`: the names of those that scale others.
        """
        little = [register for register in registers if (register.word_order or word_order) == "little"]
        big = [register for register in registers if register not in little]
        self._layouts = [_Layout(part, address, count, part is little) for part in (big, little) if part]
        self._exponents = {register.name for register in registers} & set(exponents)
        self._tells = any(register.evidence for register in registers)
        self._live = any(q.startswith(_LIVE) for r in registers for q in r.quantities)

    def dead(self, data: bytes) -> bool:
        """True when a gateway without a meter answers: all zero, where voltage or frequency cannot be zero."""
        return self._live and all_zero(data)

    def values(self, data: bytes, settings: Mapping[str, int]) -> dict[str, float | None]:
        """Values of a block's bytes by quantity.

        `settings`: what the meter's settings and exponents are, as far as known.
        """
        values: dict[str, float | None] = {}
        for one, value in self._unpacked(data, settings):
            if one.quantity:
                values[one.quantity] = value
            elif one.choice:
                chosen = _chosen(one.choice, settings)
                values.update({chosen: value} if chosen else dict.fromkeys(one.choice.quantities.values()))
        return values

    def named(self, data: bytes, settings: Mapping[str, int]) -> dict[str, float | None]:
        """Values of a block's bytes by the registers' own names."""
        return {one.name: value for one, value in self._unpacked(data, settings)}

    def evidence(self, data: bytes) -> dict[str, float]:
        """What the block tells of the meter itself, by evidence name."""
        if not self._tells:
            return {}
        found = self._unpacked(data, {})
        return {one.evidence: value for one, value in found if one.evidence and value is not None}

    def exponents(self, data: bytes) -> dict[str, int | None]:
        """The exponents of ten that the block holds, by register name; None where the meter says it has none."""
        if not self._exponents:
            return {}
        found = self._unpacked(data, {})
        return {one.name: _exponent(value) for one, value in found if one.name in self._exponents}

    def _unpacked(self, data: bytes, settings: Mapping[str, int]) -> Iterator[tuple[_Compiled, float | None]]:
        for layout in self._layouts:
            yield from layout.unpacked(data, settings)


class _Layout:
    """The registers of a block that have one word order."""

    def __init__(self, registers: Sequence[Register], address: int, count: int, reverse: bool) -> None:
        self._reverse = reverse
        ordered = sorted(registers, key=lambda r: r.address, reverse=reverse)
        self._layout = struct.Struct(_layout(ordered, address, count, reverse))
        self._registers = tuple(_compile(r, address, count, reverse) for r in ordered)

    def unpacked(self, data: bytes, settings: Mapping[str, int]) -> Iterator[tuple[_Compiled, float | None]]:
        if self._reverse:
            data = _words_reversed(data)
        for one, raw in zip(self._registers, self._layout.unpack(data), strict=True):
            missing = one.patterns and data[one.place] in one.patterns
            yield one, None if missing else one.scaled(raw, settings)


def all_zero(data: bytes) -> bool:
    """True when no register holds anything, or only its highest bit: 0, -0.0, and what else means nothing at all."""
    return not any(data[1::2]) and not data[::2].translate(None, b"\0\x80")


def raw_setting(data: bytes, word_order: str) -> int:
    """The register's bits as an unsigned number."""
    return int.from_bytes(_words_reversed(data) if word_order == "little" else data, "big")


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A register as the decoder needs it. `patterns`: byte strings that mean "not available"."""

    name: str
    quantity: str | None
    choice: Choice | None
    evidence: str | None
    scale: float
    divisor: int
    place: slice
    patterns: frozenset[bytes]
    valid: tuple[float, float] | None
    understand: Callable[[float], float | None] | None
    exponent: str | None

    def scaled(self, raw: float, settings: Mapping[str, int]) -> float | None:
        if not math.isfinite(raw) or (self.valid and not self.valid[0] <= raw <= self.valid[1]):
            return None
        if self.understand:
            meant = self.understand(raw)
            if meant is None:
                return None
            raw = meant
        value = raw / self.divisor if self.divisor else float(raw * self.scale)
        return _powered(value, settings.get(self.exponent)) if self.exponent else value


def _compile(register: Register, address: int, count: int, reverse: bool) -> _Compiled:
    begin = address + count - register.end if reverse else register.address - address
    size = register.type.count
    # 2305 * 0.1 is 230.50000000000003, 2305 / 10 is 230.5.
    divisor = round(1 / register.scale) if 0 < register.scale < 1 else 0
    exact = divisor and math.isclose(divisor * register.scale, 1.0, rel_tol=1e-12)
    return _Compiled(
        register.name,
        register.quantity,
        register.choice,
        register.evidence,
        register.scale,
        divisor if exact else 0,
        slice(2 * begin, 2 * (begin + size)),
        frozenset(pattern.to_bytes(2 * size, "big") for pattern in register.missing),
        register.valid,
        understanding(register),
        register.scale_register,
    )


def _powered(value: float, exponent: int | None) -> float | None:
    """2305 / 10 ** 1 is 230.5, 2305 * 10 ** -1 is not."""
    if exponent is None:
        return None
    return value / 10.0**-exponent if exponent < 0 else value * 10.0**exponent


def _exponent(value: float | None) -> int | None:
    return int(value) if value is not None and abs(value) <= LARGEST_EXPONENT else None


def _layout(ordered: Sequence[Register], address: int, count: int, reverse: bool) -> str:
    """The format of struct: values in order, `x` for the bytes nobody wants."""
    layout, at = ">", 0
    for register in ordered:
        begin = address + count - register.end if reverse else register.address - address
        layout += f"{2 * (begin - at)}x{_CODES[register.type]}"
        at = begin + register.type.count
    return layout + f"{2 * (count - at)}x"


def _words_reversed(data: bytes) -> bytes:
    """Last register first: so "low word first" becomes "high word first"."""
    words = array("H", data)
    words.reverse()
    return words.tobytes()


def _chosen(choice: Choice, settings: Mapping[str, int]) -> str | None:
    setting = settings.get(choice.setting)
    return None if setting is None else choice.quantities.get((setting >> choice.shift) & choice.mask)
