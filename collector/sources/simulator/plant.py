"""Imagines a small hydro plant with a village behind it: every value follows from the others as physics wants it.

Load has a daily shape, steps when somebody switches a kettle, and wanders slowly; voltage and frequency sag with it.
All of it is a function of time and seed: the same second gives the same values.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass

from collector.model.quantity import PAIRS, PHASES

#: Energy is integrated in steps of this many s.
_STEP = 1.0


@dataclass(frozen=True, slots=True)
class Plant:
    """What the plant is built for: V to neutral, Hz, W per phase at the busiest hour."""

    voltage: float = 220.0
    frequency: float = 60.0
    power: float = 1800.0
    seed: int = 1

    def at(self, seconds: float) -> dict[str, float]:
        """Every gauge at this time (s since 1970)."""
        values: dict[str, float] = {}
        voltages, currents = self._phasors(seconds)
        for phase, voltage, current in zip(PHASES, voltages, currents, strict=True):
            power = voltage * current.conjugate()
            values |= _of_phase(phase, voltage, current, power)
        for pair, first, second in zip(PAIRS, voltages, (*voltages[1:], voltages[0]), strict=True):
            values[f"voltage_{pair}"] = abs(first - second)
        values["current_n"] = abs(sum(currents))
        values["frequency"] = self._frequency(seconds)
        return values | _totals(values)

    def _phasors(self, seconds: float) -> tuple[list[complex], list[complex]]:
        voltages, currents = [], []
        for index in range(3):
            load = self._load(seconds, index)
            voltage = cmath.rect(self.voltage * (1.02 - 0.04 * load / self.power), -2 * math.pi * index / 3)
            angle = math.acos(0.86 + 0.1 * _noise(self.seed + index, seconds / 600))
            currents.append(voltage / abs(voltage) * cmath.rect(load / abs(voltage) / math.cos(angle), -angle))
            voltages.append(voltage)
        return voltages, currents

    def _load(self, seconds: float, index: int) -> float:
        """Active power of one phase, W: never quite nothing."""
        hour = seconds / 3600 % 24
        daily = 0.35 + 0.3 * math.exp(-((hour - 7) ** 2) / 5) + 0.55 * math.exp(-((hour - 19.5) ** 2) / 8)
        wander = 0.12 * _noise(self.seed * 7 + index, seconds / 45)
        kettle = 0.25 if _lot(self.seed * 13 + index, int(seconds // 180)) < 0.12 else 0.0
        return self.power * max(0.05, daily + wander + kettle)

    def _frequency(self, seconds: float) -> float:
        """A turbine that slows down a little under load, with a governor that hunts."""
        load = sum(self._load(seconds, index) for index in range(3)) / (3 * self.power)
        return self.frequency * (1.004 - 0.008 * load + 0.0008 * math.sin(seconds / 4.7))


def _of_phase(phase: str, voltage: complex, current: complex, power: complex) -> dict[str, float]:
    return {
        f"voltage_{phase}_n": abs(voltage),
        f"current_{phase}": abs(current),
        f"active_power_{phase}": power.real,
        f"reactive_power_{phase}": power.imag,
        f"apparent_power_{phase}": abs(power),
        f"power_factor_{phase}": power.real / abs(power),
        f"phase_angle_{phase}": math.degrees(cmath.phase(power)),
        f"voltage_thd_{phase}": 2.1,
        f"current_thd_{phase}": 6.4,
    }


def _totals(values: dict[str, float]) -> dict[str, float]:
    total = {
        f"{word}_power_total": sum(values[f"{word}_power_{phase}"] for phase in PHASES)
        for word in ("active", "reactive", "apparent")
    }
    total["power_factor_total"] = total["active_power_total"] / total["apparent_power_total"]
    total["voltage_average_l_n"] = sum(values[f"voltage_{phase}_n"] for phase in PHASES) / 3
    total["voltage_average_l_l"] = sum(values[f"voltage_{pair}"] for pair in PAIRS) / 3
    total["current_average"] = sum(values[f"current_{phase}"] for phase in PHASES) / 3
    total["active_power_demand_import"] = total["active_power_total"]
    total["reactive_power_demand_import"] = total["reactive_power_total"]
    return total


def _lot(seed: int, number: int) -> float:
    """A number in [0, 1) that looks drawn but is always the same for its seed and number."""
    mixed = (number * 2654435761 + seed * 40503 + 12345) & 0xFFFFFFFF
    mixed ^= mixed >> 15
    mixed = mixed * 2246822519 & 0xFFFFFFFF
    mixed ^= mixed >> 13
    return mixed / 0x100000000


def _noise(seed: int, at: float) -> float:
    """Smooth noise in [-1, 1]: lots at whole numbers, a cosine between them."""
    whole = math.floor(at)
    blend = (1 - math.cos(math.pi * (at - whole))) / 2
    return 2 * ((1 - blend) * _lot(seed, whole) + blend * _lot(seed, whole + 1)) - 1
