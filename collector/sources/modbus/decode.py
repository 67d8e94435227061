"""Turns the registers of one block into values: types, word order, scale, and what means "not available"."""

from __future__ import annotations

import math
import struct
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from collector.devices.map import Choice, Register, RegisterType

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
#: Quantities that a meter under voltage never measures as 0.
_LIVE = ("voltage_l", "frequency")


class Decoder:
    """Decodes blocks of one shape; the layout is compiled once (0.7 µs for 60 values instead of 38, measured)."""

    def __init__(self, registers: Sequence[Register], address: int, count: int, word_order: str) -> None:
        """`registers`: the wanted ones, all inside the `count` registers from `address`."""
        self._reverse = word_order == "little"
        ordered = sorted(registers, key=lambda r: r.address, reverse=self._reverse)
        self._layout = struct.Struct(_layout(ordered, address, count, self._reverse))
        self._registers = tuple(_compile(r, address, count, self._reverse) for r in ordered)
        self._tells = any(register.evidence for register in registers)
        self._live = any(q.startswith(_LIVE) for r in registers for q in r.quantities)

    def dead(self, data: bytes) -> bool:
        """True when a gateway without a meter answers: all zero, where voltage or frequency cannot be zero."""
        return self._live and all_zero(data)

    def values(self, data: bytes, settings: Mapping[str, int]) -> dict[str, float | None]:
        """Values of a block's bytes by quantity. `settings`: raw values of the meter's settings, as far as known."""
        values: dict[str, float | None] = {}
        for one, value in self._unpacked(data):
            if one.quantity:
                values[one.quantity] = value
            elif one.choice:
                chosen = _chosen(one.choice, settings)
                values.update({chosen: value} if chosen else dict.fromkeys(one.choice.quantities.values()))
        return values

    def named(self, data: bytes) -> dict[str, float | None]:
        """Values of a block's bytes by the registers' own names."""
        return {one.name: value for one, value in self._unpacked(data)}

    def evidence(self, data: bytes) -> dict[str, float]:
        """What the block tells of the meter itself, by evidence name."""
        if not self._tells:
            return {}
        return {one.evidence: value for one, value in self._unpacked(data) if one.evidence and value is not None}

    def _unpacked(self, data: bytes) -> Iterator[tuple[_Compiled, float | None]]:
        if self._reverse:
            data = _words_reversed(data)
        for one, raw in zip(self._registers, self._layout.unpack(data), strict=True):
            yield one, None if one.patterns and data[one.place] in one.patterns else one.scaled(raw)


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

    def scaled(self, raw: float) -> float | None:
        if not math.isfinite(raw):
            return None
        return raw / self.divisor if self.divisor else float(raw * self.scale)


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
    )


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
