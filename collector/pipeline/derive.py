"""Turns what the meter measured into what the site has: transformer ratios, direction, and quantities that follow.

Turning a current transformer round (`invert`) turns the current by 180°: active and reactive power change their sign
and import and export change places; voltages, currents and apparent power stay (IEC 62053-23, the four quadrants).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from collector.config.settings import MeterSettings
from collector.devices.map import Model
from collector.model.quantity import PHASES, QUANTITIES

#: Apparent power (VA) below which a power factor is noise over noise.
LEAST_APPARENT_POWER = 1.0
#: A power factor this much above 1 is rounding of its parts.
_ROUNDING = 1.02

_WORDS = ("active", "reactive", "apparent")
_POWER_UNITS = frozenset(("W", "var", "VA", "Wh", "varh", "VAh"))


def _scale(name: str, meter: MeterSettings) -> float:
    unit = QUANTITIES[name].unit
    if unit in _POWER_UNITS:
        return meter.ct_ratio * meter.vt_ratio
    return {"V": meter.vt_ratio, "A": meter.ct_ratio}.get(unit, 1.0)


def inverted(name: str) -> str:
    """What a quantity is called when the current transformers look the other way."""
    for way, other in (("_import", "_export"), ("_export", "_import")):
        if way in name:
            return name.replace(way, other)
    return name


def _sign(name: str) -> float:
    turned = name.startswith(("active_power_", "reactive_power_", "power_factor_")) and "_demand_" not in name
    return -1.0 if turned or name.endswith("_energy_net") else 1.0


def _turned_angle(angle: float) -> float:
    """The angle on the other side, in (-180, 180]."""
    return angle - 180.0 if angle > 0 else angle + 180.0


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one quantity of the meter: its name at the site, and value * factor (an angle is turned)."""

    name: str
    factor: float
    angle: bool = False


def steps(meter: MeterSettings, model: Model) -> dict[str, Step]:
    """Quantity of the model -> what becomes of it."""
    found = {}
    for name in model.quantities():
        factor = _scale(name, meter)
        if not meter.invert:
            found[name] = Step(name, factor)
        else:
            found[name] = Step(inverted(name), factor * _sign(name), name.startswith("phase_angle_"))
    return found


def apply(steps: Mapping[str, Step], values: Mapping[str, float | None]) -> dict[str, float | None]:
    """The site's values of a sample; a quantity that the model does not have is left out."""
    out: dict[str, float | None] = {}
    for name, value in values.items():
        step = steps.get(name)
        if step is None:
            continue
        if value is None or step.factor == 1.0:
            out[step.name] = value
        else:
            out[step.name] = value * step.factor
        if step.angle and value is not None:
            out[step.name] = _turned_angle(value)
    return out


@dataclass(frozen=True, slots=True)
class Rule:
    """A quantity that follows from others: `compute` gets their values in order and may not know either."""

    name: str
    parts: tuple[str, ...]
    compute: Callable[..., float | None]


def _sum(*parts: float) -> float:
    return sum(parts)


def _power_factor(active: float, apparent: float) -> float | None:
    if apparent < LEAST_APPARENT_POWER or abs(active) > apparent * _ROUNDING:
        return None
    return max(-1.0, min(1.0, active / apparent))


_RULES = (
    *(Rule(f"{word}_power_total", tuple(f"{word}_power_{phase}" for phase in PHASES), _sum) for word in _WORDS),
    Rule("power_factor_total", ("active_power_total", "apparent_power_total"), _power_factor),
)


def rules(quantities: Iterable[str]) -> tuple[Rule, ...]:
    """The rules for what these quantities lack; a rule may build on one before it."""
    have, found = set(quantities), []
    for rule in _RULES:
        if rule.name not in have and have.issuperset(rule.parts):
            found.append(rule)
            have.add(rule.name)
    return tuple(found)


def derivable(quantities: Iterable[str]) -> tuple[str, ...]:
    """What can be derived from these quantities and is not among them."""
    return tuple(rule.name for rule in rules(quantities))


def derive(rules: Iterable[Rule], values: dict[str, float | None]) -> None:
    """Adds what follows; missing (None) when a part is missing, left out when a part was not due."""
    for rule in rules:
        if not all(part in values for part in rule.parts):
            continue
        parts = [values[part] for part in rule.parts]
        values[rule.name] = None if None in parts else rule.compute(*parts)


def quantities_of(meter: MeterSettings, model: Model) -> tuple[str, ...]:
    """Every quantity that this meter may ever give, i.e. the columns that it has: measured, turned and derived."""
    own = tuple(dict.fromkeys(step.name for step in steps(meter, model).values()))
    return own + derivable(own)
