"""Lays a SunSpec meter out: marker, model 1, the meter's model, end (SunSpec Information Model 1.1, section 6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from collector.devices.map import Group, Model, Register, RegisterType, When
from collector.sources.modbus.sunspec import BASES, COMMON, END, MARKER, Entry, located

#: Registers of model 1 behind its ID and length: five texts, the device's address, one to fill up.
_COMMON_LENGTH = 66
_TEXTS = (("Phaselog", 32), ("Simulated meter", 32), ("", 16), ("1.0", 16), ("SIM-0001", 32))


def served(model: Model) -> tuple[Model, dict[str, bytes]]:
    """The model with its registers behind the first base, and what its chain's own registers hold, by name."""
    base = BASES[0]
    address = base + 4 + _COMMON_LENGTH
    length = max(register.end for register in model.registers()) - 2
    entry = Entry(model.sunspec[0], address, length)
    before = list(_common(base))
    behind = [(_word("end_id", entry.end), _bytes(END)), (_word("end_length", entry.end + 1), _bytes(0))]
    constants = {register.name: data for register, data in (*before, *behind)}
    constants |= {"sunspec_model": _bytes(entry.number), "sunspec_length": _bytes(length)}
    chain = Group("chain", When.DEMAND, tuple(register for register, _ in (*before, *behind)))
    placed = located(model, entry)
    return replace(placed, groups=(*placed.groups, chain)), constants


def _common(base: int) -> Iterator[tuple[Register, bytes]]:
    """Marker and model 1."""
    yield Register("marker", base, RegisterType.UINT32), MARKER
    yield _word("common_id", base + 2), _bytes(COMMON)
    yield _word("common_length", base + 3), _bytes(_COMMON_LENGTH)
    texts = b"".join(text.encode().ljust(size, b"\0") for text, size in _TEXTS)
    for at in range(0, len(texts), 8):
        yield Register(f"text_{at}", base + 4 + at // 2, RegisterType.UINT64), texts[at : at + 8]
    end = base + 4 + len(texts) // 2
    yield _word("device_address", end), _bytes(1)
    yield _word("pad", end + 1), _bytes(0x8000)


def _word(name: str, address: int) -> Register:
    return Register(name, address, RegisterType.UINT16)


def _bytes(value: int) -> bytes:
    return value.to_bytes(2, "big")
