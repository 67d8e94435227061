"""Lists every quantity Phaselog knows: one closed list, so that a name means the same everywhere.

Units are SI without prefixes (V, A, W, var, VA, Hz, Wh, varh, VAh), percent and degrees.
Sign: active power and energy are positive when the meter's site imports (IEC 62053 quadrants I and IV);
reactive power is positive when inductive.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

PHASES = ("l1", "l2", "l3")
PAIRS = ("l1_l2", "l2_l3", "l3_l1")
ANALOGS = range(1, 9)
TARIFFS = ("t1", "t2", "t3", "t4")


class Kind(Enum):
    """How a quantity behaves over time."""

    GAUGE = "gauge"  #: has a value now; summarised as mean, minimum, maximum
    COUNTER = "counter"  #: only grows; a fall is a reset, a rollover or another meter
    BALANCE = "balance"  #: a counter that may fall (import minus export)


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something measurable. `kind` tells how it is summarised; `unit` is printed as it is."""

    name: str
    unit: str
    kind: Kind
    description: str

    @property
    def counts(self) -> bool:
        """True for counters and balance counters: they have `last` and `increase`, not a mean."""
        return self.kind is not Kind.GAUGE


def _gauge(name: str, unit: str, description: str) -> Quantity:
    return Quantity(name, unit, Kind.GAUGE, description)


def _voltages_and_currents() -> Iterator[Quantity]:
    for phase in PHASES:
        yield _gauge(f"voltage_{phase}_n", "V", f"Voltage {phase.upper()} to neutral")
    for pair in PAIRS:
        yield _gauge(f"voltage_{pair}", "V", f"Voltage {pair.upper().replace('_', ' to ')}")
    yield _gauge("voltage_average_l_n", "V", "Mean of the three voltages to neutral")
    yield _gauge("voltage_average_l_l", "V", "Mean of the three voltages between lines")
    for phase in PHASES:
        yield _gauge(f"current_{phase}", "A", f"Current {phase.upper()}")
    yield _gauge("current_n", "A", "Current in the neutral")
    yield _gauge("current_average", "A", "Mean of the three line currents")


def _powers() -> Iterator[Quantity]:
    for word, unit in (("active", "W"), ("reactive", "var"), ("apparent", "VA")):
        for part in (*PHASES, "total"):
            where = "total of all phases" if part == "total" else part.upper()
            yield _gauge(f"{word}_power_{part}", unit, f"{word.capitalize()} power, {where}")
    for part in (*PHASES, "total"):
        yield _gauge(f"power_factor_{part}", "", f"Power factor, {part.upper() if part in PHASES else 'total'}")
        yield _gauge(f"phase_angle_{part}", "°", f"Angle between voltage and current, {part}")
    yield _gauge("frequency", "Hz", "Frequency")


def _quality() -> Iterator[Quantity]:
    for phase in PHASES:
        yield _gauge(f"voltage_thd_{phase}", "%", f"Harmonic distortion of the voltage {phase.upper()} to neutral")
        yield _gauge(f"current_thd_{phase}", "%", f"Harmonic distortion of the current {phase.upper()}")
    for pair in PAIRS:
        yield _gauge(f"voltage_thd_{pair}", "%", f"Harmonic distortion of the voltage {pair.upper()}")
    yield _gauge("voltage_unbalance", "%", "Unbalance of the three voltages, as the meter computes it")
    yield _gauge("current_unbalance", "%", "Unbalance of the three currents, as the meter computes it")


def _demands() -> Iterator[Quantity]:
    for word, unit in (("active", "W"), ("reactive", "var")):
        for way in ("import", "export"):
            name = f"{word}_power_demand_{way}"
            yield _gauge(name, unit, f"Mean {word} power, {way}, of the meter's demand period")
    yield _gauge("apparent_power_demand", "VA", "Mean apparent power of the meter's demand period")


def _energies() -> Iterator[Quantity]:
    for word, unit in (("active", "Wh"), ("reactive", "varh")):
        for way in ("import", "export"):
            base = f"{word}_energy_{way}"
            title = f"{word.capitalize()} energy, {way}"
            yield Quantity(base, unit, Kind.COUNTER, title)
            for part in (*PHASES, *TARIFFS):
                where = f"tariff {part[1]}" if part in TARIFFS else part.upper()
                yield Quantity(f"{base}_{part}", unit, Kind.COUNTER, f"{title}, {where}")
        net = f"{word}_energy_net"
        yield Quantity(net, unit, Kind.BALANCE, f"{word.capitalize()} energy, import minus export")
        yield Quantity(f"{word}_energy_sum", unit, Kind.COUNTER, f"{word.capitalize()} energy, import plus export")
    yield Quantity("apparent_energy", "VAh", Kind.COUNTER, "Apparent energy")
    for tariff in TARIFFS:
        yield Quantity(f"apparent_energy_{tariff}", "VAh", Kind.COUNTER, f"Apparent energy, tariff {tariff[1]}")


def _analogs() -> Iterator[Quantity]:
    for channel in ANALOGS:
        yield _gauge(f"analog_{channel}", "", f"Analogue channel {channel}, in the unit of what is wired to it")


def _all() -> Iterator[Quantity]:
    yield from _voltages_and_currents()
    yield from _powers()
    yield from _quality()
    yield from _demands()
    yield from _energies()
    yield from _analogs()


#: Every quantity by name, in the order in which people expect to read them.
QUANTITIES: dict[str, Quantity] = {quantity.name: quantity for quantity in _all()}
