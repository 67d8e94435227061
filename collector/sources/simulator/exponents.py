"""Chooses the powers of ten in which a simulated meter shows its values: as fine as its registers can hold them."""

from __future__ import annotations

import math
from collections.abc import Iterator

from collector.devices.map import Model, Register

#: The largest value that a house or a small plant shows, by unit.
_LARGEST = {"V": 1e3, "A": 300.0, "W": 3e4, "var": 3e4, "VA": 3e4, "Hz": 100.0, "%": 100.0, "°": 360.0, "": 10.0}
_ENERGY = 4e9
_FINEST = -4


def exponents(model: Model) -> dict[str, int]:
    """The exponent by the name of its register."""
    return {name: max(_needed(model, name)) for name in model.exponents()}


def _needed(model: Model, name: str) -> Iterator[int]:
    yield _FINEST
    for register in model.registers():
        if register.scale_register == name:
            largest = _LARGEST.get(register.unit, _ENERGY) / register.scale
            yield math.ceil(math.log10(largest / _highest(register)))


def _highest(register: Register) -> int:
    bits = 16 * register.type.count
    return (1 << bits - 1 if register.type.value.startswith("int") else 1 << bits) - 1
