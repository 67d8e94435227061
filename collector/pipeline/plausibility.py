"""Refuses values that cannot be, whatever the installation is: range per quantity.

A true value that is refused is as bad as a wrong one that is stored, so limits are wide: garbage from a wire is off by
powers of ten (1e30, -7, 3e-39), an accident at a site is not. Each limit and why: docs/explanation/decisions/0012.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from collector.config.settings import MeterSettings
from collector.model.quantity import QUANTITIES, Kind, Quantity

#: Without a nominal value: the highest line of the grids, the largest generator and its busbar.
MOST_VOLTAGE = 1.2e6
MOST_CURRENT = 2e5
MOST_POWER = 2e9
#: Energy of the largest power over 100 years.
MOST_ENERGY = 2e15
#: What is wired to an analogue channel may have any unit; garbage is still larger.
MOST_ANALOG = 1e9
#: Nothing that is measured is this small and not 0: an integer or half a register read as a float is.
TINY = 1e-30
#: Hz; between 0 (stands) and the least no meter measures, above twice nominal no turbine survives.
LEAST_FREQUENCY, MOST_FREQUENCY = 10.0, 120.0


@dataclass(frozen=True, slots=True)
class Limits:
    """The values that can be: [low, high]. `floor`: nearer to 0 than this only 0 itself can be."""

    low: float
    high: float
    floor: float = TINY


def _power_limit(meter: MeterSettings) -> float:
    """W, var, VA. A starting motor takes up to eight times its rating; the connection is seldom smaller than it."""
    return 10.0 * meter.rated_apparent_power if meter.rated_apparent_power else MOST_POWER


def _voltage(quantity: Quantity, meter: MeterSettings) -> Limits:
    """A lost neutral lifts a phase to 1.73 times nominal; between lines split-phase has 2 times as much."""
    if meter.nominal_voltage is None:
        return Limits(0.0, MOST_VOLTAGE)
    to_neutral = quantity.name.endswith("_n")
    return Limits(0.0, meter.nominal_voltage * (2.0 if to_neutral else 4.0))


def _current(_: Quantity, meter: MeterSettings) -> Limits:
    """All power of the connection may sit on one phase."""
    if meter.nominal_voltage and meter.rated_apparent_power:
        return Limits(0.0, _power_limit(meter) / meter.nominal_voltage)
    return Limits(0.0, MOST_CURRENT)


def _frequency(_: Quantity, meter: MeterSettings) -> Limits:
    """A turbine that lost its load runs away to nearly twice its speed; that is worth logging."""
    high = 2.0 * meter.nominal_frequency if meter.nominal_frequency else MOST_FREQUENCY
    return Limits(0.0, high, min(LEAST_FREQUENCY, high / 4))


def _percent(quantity: Quantity, _: MeterSettings) -> Limits:
    """A distortion relates to a fundamental that may be next to nothing."""
    return Limits(0.0, 1e3 if quantity.name.endswith("unbalance") else 1e5)


def _power(_: Quantity, meter: MeterSettings) -> Limits:
    return Limits(-_power_limit(meter), _power_limit(meter))


_BY_UNIT: dict[str, Callable[[Quantity, MeterSettings], Limits]] = {
    "V": _voltage,
    "A": _current,
    "Hz": _frequency,
    "%": _percent,
    "W": _power,
    "var": _power,
    "VA": lambda _, meter: Limits(0.0, _power_limit(meter)),
    "°": lambda *_: Limits(-360.0, 360.0),
    "": lambda *_: Limits(-1.001, 1.001),  # power factors, with a meter's rounding
}


def limits_of(quantity: Quantity, meter: MeterSettings) -> Limits:
    """The limits of a quantity of this meter, in the quantity's unit."""
    if quantity.name.startswith("analog_"):
        return Limits(-MOST_ANALOG, MOST_ANALOG)
    if quantity.kind is Kind.GAUGE:
        return _BY_UNIT[quantity.unit](quantity, meter)
    return Limits(0.0 if quantity.kind is Kind.COUNTER else -MOST_ENERGY, MOST_ENERGY)


class Plausibility:
    """The limits of all quantities of one meter."""

    def __init__(self, meter: MeterSettings, quantities: Iterable[str]) -> None:
        limits = {name: limits_of(QUANTITIES[name], meter) for name in quantities}
        self._limits = {name: (limit.low, limit.high, limit.floor) for name, limit in limits.items()}

    def refuse(self, values: dict[str, float | None]) -> list[str]:
        """Makes impossible values missing; returns "quantity reason" of each."""
        refused = []
        for name, value in values.items():
            if value is None:
                continue
            low, high, floor = self._limits[name]
            # NaN fails every comparison, so the good case is asked for.
            if low <= value <= high and (value == 0.0 or abs(value) >= floor):
                continue
            refused.append(f"{name} {_reason(value, low, high)}")
        for what in refused:
            values[what.partition(" ")[0]] = None
        return refused


def _reason(value: float, low: float, high: float) -> str:
    if not math.isfinite(value):
        return "not_a_number"
    return "too_low" if value < low else "too_high" if value > high else "too_small"
