"""Knows the commands that read a CVMk and what their answers hold (Circutor CVMk manual, section 11.2).

Voltages are V, currents mA, powers W (shown here as kW), energies Wh; power factors come as hundredths, frequency as
tenths. An answer does not repeat its command.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from collector.model.quantity import PAIRS, PHASES
from collector.sources.telegram import Value

IDENTIFY = "VER"
_NUMBER = re.compile(r" *([+-]?\d+) *")
#: A power factor above this is capacitive: the meter counts on to 200, which is 0 again.
_ONE, _ZERO_AGAIN = 100, 200


@dataclass(frozen=True, slots=True)
class Command:
    """One question. `quantities`: of the fields, in order; None where Phaselog has no word. The value is raw / divisor.

    `least`: some meters answer only so many fields.
    """

    name: str
    width: int
    divisor: int
    unit: str
    quantities: tuple[str | None, ...]
    least: int = 0

    def lengths(self) -> frozenset[int]:
        """How long the answer may be."""
        most = len(self.quantities)
        return frozenset(self.width * count for count in range(self.least or most, most + 1))

    def values(self, text: str) -> list[Value]:
        """The values of an answer; ValueError if it is not the answer to this command."""
        if len(text) not in self.lengths():
            raise ValueError(f"{len(text)} characters are not the answer to {self.name}")
        fields = [text[at : at + self.width] for at in range(0, len(text), self.width)]
        return [
            Value(f"{self.name}/{number}", quantity, self._value(field), self.unit)
            for number, (field, quantity) in enumerate(zip(fields, self.quantities, strict=False), 1)
        ]

    def _value(self, field: str) -> float | None:
        """None for "not available": what is no number, and the largest that fits."""
        found = _NUMBER.fullmatch(field)
        if found is None or field == "9" * self.width:
            return None
        raw = int(found[1])
        if self.name.startswith("RF"):
            return _power_factor(raw)
        return raw / self.divisor


def _power_factor(raw: int) -> float | None:
    """Capacitive ones are told from inductive ones by the reactive powers: the sign would mean the direction."""
    if abs(raw) > _ZERO_AGAIN:
        return None
    return (raw if raw <= _ONE else _ZERO_AGAIN - raw) / _ONE


def _phases(quantity: str, fourth: str | None) -> tuple[str | None, ...]:
    return (*(quantity.format(phase) for phase in PHASES), fourth)


_NOW = (
    Command("RVI", 9, 1, "V", _phases("voltage_{}_n", "voltage_average_l_n")),
    Command("ROI", 9, 1, "V", (*(f"voltage_{pair}" for pair in PAIRS), "voltage_average_l_l")),
    Command("RAI", 9, 1000, "A", _phases("current_{}", "current_average")),
    Command("RPI", 9, 1000, "kW", _phases("active_power_{}", "active_power_total")),
    Command("RLI", 9, 1000, "kvar", (None,) * 4),
    Command("RCI", 9, 1000, "kvar", (None,) * 4),
    Command("RFI", 3, _ONE, "", _phases("power_factor_{}", "power_factor_total")),
    Command("RHI", 3, 10, "Hz", ("frequency",)),
    Command("RWH", 9, 1, "Wh", ("active_energy_import", "active_energy_export"), 1),
    Command("RLH", 9, 1, "varh", (None,) * 2, 1),
    Command("RCH", 9, 1, "varh", (None,) * 2, 1),
)
#: First two letters -> width, divisor, unit, fields of the maximum, of the minimum.
_EXTREMES = {
    "RV": (9, 1, "V", 3, 3),
    "RO": (9, 1, "V", 4, 0),
    "RA": (9, 1000, "A", 3, 3),
    "RP": (9, 1, "W", 4, 4),
    "RL": (9, 1, "var", 4, 4),
    "RC": (9, 1, "var", 3, 3),
    "RF": (3, _ONE, "", 3, 3),
    "RH": (3, 10, "Hz", 1, 1),
}
COMMANDS = {
    command.name: command
    for command in (
        *_NOW,
        *(Command(letters + last, width, divisor, unit, (None,) * count)
          for letters, (width, divisor, unit, *counts) in _EXTREMES.items()
          for last, count in zip("Mm", counts, strict=True) if count),
    )
}  # fmt: skip


def split(code: str) -> tuple[str, int]:
    """Command and number of the field: "RVI/2" is ("RVI", 2); ValueError for anything else."""
    name, _, number = code.partition("/")
    if name not in COMMANDS or not number.isdecimal() or not 1 <= int(number) <= len(COMMANDS[name].quantities):
        raise ValueError(f"{code} is no field of a command")
    return name, int(number)
