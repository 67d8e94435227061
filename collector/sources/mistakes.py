"""Imagines the usual mistakes of a register map, and what the values would be without each of them."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from collector.devices.map import Model, Register, RegisterType
from collector.model.quantity import QUANTITIES

#: Wrong units and decimals; the likelier first.
_POWERS = (1e3, 1e-3, 10.0, 0.1, 100.0, 0.01, 1e4, 1e-4, 1e6, 1e-6)
_ROOT = math.sqrt(3.0)
#: What one mistake (a unit in the manual's heading) makes wrong together.
_FAMILIES = (
    ("current_l",),
    ("current_l", "current_n", "current_average"),
    ("active_power_l",),
    ("active_power_",),
    ("reactive_power_",),
    ("apparent_power_",),
    ("power_factor_",),
    ("active_power_", "reactive_power_", "apparent_power_"),
    ("voltage_l", "voltage_average"),
)
_CODES = {RegisterType.FLOAT32: "f", RegisterType.INT32: "i", RegisterType.UINT32: "I"}
#: How likely: a scale, a sign, two registers, a whole family, another kind of value, the words, nothing of all this.
_TURNED, _EXCHANGED, _FAMILY, _KIND, _WORDS, _ZERO, _NO_IDEA = 1, 2, 10, 20, 22, 29, 30


@dataclass(frozen=True, slots=True)
class Idea:
    """`values` without one mistake at `names`. `rank`: the likelier mistake has the lower one."""

    names: tuple[str, ...]
    values: Mapping[str, float]
    looks: str
    rank: int


def ideas(suspects: Sequence[str], values: Mapping[str, float], model: Model) -> Iterator[Idea]:
    """Everything that may be wrong with these quantities."""
    for name in suspects:
        yield from _of_one(name, values, model)
    for likely, family in enumerate(_FAMILIES):
        names = tuple(name for name in values if name.startswith(family) and "demand" not in name)
        if len(names) > 1 and not set(names).isdisjoint(suspects):
            for factor in _factors(names, values):
                corrected = {**values, **{name: values[name] / factor for name in names}}
                yield Idea(names, corrected, f"look {times(factor)}", _FAMILY + likely)


def _factors(names: Sequence[str], values: Mapping[str, float]) -> Sequence[float]:
    """A power factor within its range is not off by powers of ten."""
    in_range = all(name.startswith("power_factor") and abs(values[name]) <= 1.0 for name in names)
    return () if in_range else _POWERS


def _of_one(name: str, values: Mapping[str, float], model: Model) -> Iterator[Idea]:
    value, unit = values[name], QUANTITIES[name].unit

    def instead(new: float, looks: str, rank: int) -> Idea:
        return Idea((name,), {**values, name: new}, looks, rank)

    if value:
        for rank, factor in enumerate(_factors((name,), values)):
            yield instead(value / factor, f"looks {times(factor)}", rank)
        if unit in {"V", "W", "VA", "var"}:
            yield instead(value / _ROOT, "looks √3 times too large", _KIND)
            yield instead(value * _ROOT, "looks √3 times too small", _KIND)
            yield instead(value / 3, "looks 3 times too large, as the sum of three phases", _KIND + 1)
            yield instead(value * 3, "looks 3 times too small, as the mean of three phases", _KIND + 1)
        if unit in {"W", "var"}:
            yield instead(-value, "looks as if its sign were turned", _TURNED)
        for new in _words(name, value, model):
            yield instead(new, "looks as if its two words were exchanged", _WORDS)
    for other in _sisters(name, values):
        swapped = {**values, name: values[other], other: value}
        yield Idea((name, other), swapped, "look exchanged (two phases?)", _EXCHANGED)
    without = {key: kept for key, kept in values.items() if key != name}
    if value == 0.0:
        yield Idea((name,), without, "is 0 and cannot be", _ZERO)
    else:
        yield Idea((name,), without, "does not fit", _NO_IDEA)


def times(factor: float) -> str:
    """A factor in words."""
    return f"{factor:.0f} times too large" if factor > 1 else f"{1 / factor:.0f} times too small"


def _sisters(name: str, values: Mapping[str, float]) -> Iterator[str]:
    """The same of the phases after this one."""
    for mine, others in (("l1", ("l2", "l3")), ("l2", ("l3",))):
        for other in others:
            sister = name.replace(mine, other, 1)
            if sister != name and name.count("_l") == 1 and sister in values:
                yield sister


def _words(name: str, value: float, model: Model) -> Iterator[float]:
    """The value if the other word came first, for what is read as two registers."""
    register = register_of(model, name)
    if register is None or register.type not in _CODES:
        return
    code, raw = _CODES[register.type], value / register.scale
    try:
        packed = struct.pack(f">{code}", raw if code == "f" else round(raw))
    except (struct.error, OverflowError):
        return
    (other,) = struct.unpack(f">{code}", packed[2:] + packed[:2])
    if math.isfinite(other):
        yield other * register.scale


def register_of(model: Model, quantity: str) -> Register | None:
    """The register that the model reads this quantity from."""
    return next((register for register in model.registers() if quantity in register.quantities), None)
