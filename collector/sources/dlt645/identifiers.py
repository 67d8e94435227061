"""Knows what the data identifiers mean (DL/T 645-2007, tables A.1 to A.4; DL/T 645-1997, appendix A).

A code is the identifier as people write it: 8 hex digits (2007), 4 (1997). Where one place of it is FF (1997: F), it
names a block: all values that differ in this place, in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from collector.model.quantity import PAIRS, PHASES, TARIFFS
from collector.sources.dlt645 import pictures

ENERGY = "XXXXXX.XX"
DEMAND = "XX.XXXX"
#: Highest tariff and settlement day of the 2007 edition.
_TARIFFS, _DAYS = 0x3F, 0x0C
#: What 2007 counts, from 00 on; each phase has 01 to 0A once more.
_KINDS = ("±kWh", "kWh", "kWh", "±kvarh", "±kvarh", "kvarh", "kvarh", "kvarh", "kvarh", "kVAh", "kVAh")
_PHASE_KINDS = (0x15, 0x29, 0x3D)
#: Losses, fundamental and harmonics: seven each of the whole and of each phase.
_SPECIAL = tuple(first + number for first in (0x80, 0x94, 0xA8, 0xBC) for number in range(7))
_COUNTED = {1: "active_energy_import", 2: "active_energy_export", 9: "apparent_energy"}
_ACTIVE = {1: "active_energy_import", 2: "active_energy_export"}


@dataclass(frozen=True, slots=True)
class Item:
    """One value of a code: how it is written, its unit, and the quantity it is, if Phaselog has a word for it."""

    code: str
    picture: str
    unit: str = ""
    quantity: str | None = None


class _Phased(NamedTuple):
    """A variable of each phase. `quantity`: the phase is left open; `total`: part 0 is the whole."""

    picture: str
    unit: str
    quantity: str
    total: bool


#: DI2 of the variables (table A.3).
_VARIABLES = {
    0x01: _Phased("XXX.X", "V", "voltage_{}_n", False),
    0x02: _Phased("±XXX.XXX", "A", "current_{}", False),
    0x03: _Phased("±XX.XXXX", "kW", "active_power_{}", True),
    0x04: _Phased("±XX.XXXX", "kvar", "reactive_power_{}", True),
    0x05: _Phased("±XX.XXXX", "kVA", "apparent_power_{}", True),
    0x06: _Phased("±X.XXX", "", "power_factor_{}", True),
    0x07: _Phased("XXX.X", "°", "phase_angle_{}", False),
    0x08: _Phased("XX.XX", "%", "voltage_thd_{}", False),
    0x09: _Phased("XX.XX", "%", "current_thd_{}", False),
    0x0C: _Phased("XXX.X", "V", "voltage_{}", False),
}
_LINE_VOLTAGE = 0x0C
_HARMONICS = (0x0A, 0x0B)
_SINGLE = {
    "02800001": ("XXX.XXX", "A", "current_n"),
    "02800002": ("XX.XX", "Hz", "frequency"),
    "02800003": ("±XX.XXXX", "kW", None),
    "02800004": ("±XX.XXXX", "kW", None),
    "02800005": ("±XX.XXXX", "kvar", None),
    "02800006": ("±XX.XXXX", "kVA", None),
    "02800007": ("±XXX.X", "°C", None),
    "02800008": ("XX.XX", "V", None),
    "02800009": ("XX.XX", "V", None),
    "0280000A": ("XXXXXXXX", "min", None),
    "04000101": ("YYMMDDWW", "", None),
    "04000102": ("hhmmss", "", None),
    "04000401": ("N" * 12, "", None),
    "04000402": ("N" * 12, "", None),
    "04000403": ("A32", "", None),
    "04000404": ("A6", "", None),
    "04000405": ("A6", "", None),
    "04000406": ("A6", "", None),
    "04000407": ("A4", "", None),
    "04000408": ("A4", "", None),
    "04000409": ("XXXXXX", "imp/kWh", None),
    "0400040A": ("XXXXXX", "imp/kvarh", None),
    "0400040B": ("A10", "", None),
    "0400040C": ("A10", "", None),
    "0400040D": ("A16", "", None),
    "B210": ("MMDDhhmm", "", None),
    "B211": ("MMDDhhmm", "", None),
    "B212": ("XXXX", "", None),
    "B213": ("XXXX", "", None),
    "B214": ("XXXXXX", "min", None),
    "B634": ("XX.XX", "kW", None),
    "B635": ("XX.XX", "kW", None),
    "C010": ("YYMMDDWW", "", None),
    "C011": ("hhmmss", "", None),
    "C030": ("XXXXXX", "imp/kWh", None),
    "C031": ("XXXXXX", "imp/kvarh", None),
    "C032": ("N" * 12, "", None),
    "C033": ("N" * 12, "", None),
    "C034": ("N" * 12, "", None),
}
#: DI1 and the high digit of DI0 (1997, table of the variables).
_VARIABLES_1997 = {
    "B61": _Phased("XXX", "V", "voltage_{}_n", False),
    "B62": _Phased("XX.XX", "A", "current_{}", False),
    "B63": _Phased("XX.XXXX", "kW", "active_power_{}", True),
    "B64": _Phased("XX.XX", "kvar", "reactive_power_{}", True),
    "B65": _Phased("X.XXX", "", "power_factor_{}", True),
    "B69": _Phased("XXX", "V", "voltage_{}", False),
}
_COUNTED_1997 = {
    "901": "active_energy_import",
    "902": "active_energy_export",
    "911": "reactive_energy_import",
    "912": "reactive_energy_export",
}


@cache
def items(code: str) -> tuple[Item, ...]:
    """The values that one code (of no block) has: mostly one, a maximum has its time, too; none where it is unknown."""
    single = _SINGLE.get(code)
    if single:
        return (Item(code, *single),)
    return _items_1997(code) if len(code) == 4 else _items_2007(*bytes.fromhex(code))


@cache
def members(code: str) -> tuple[str, ...]:
    """The codes of a block, in order; empty where it is no block."""
    if len(code) == 4:
        named = [f"{code[:3]}{number:X}" for number in range(15)] if code[3] == "F" else []
    elif code[4:6] == "FF":
        named = [f"{code[:4]}{number:02X}{code[6:]}" for number in range(_TARIFFS + 1)]
    elif code[6:] == "FF":
        named = [f"{code[:6]}{number:02X}" for number in range(_TARIFFS + 1)]
    else:
        named = []
    return tuple(one for one in named if items(one))


def block(code: str) -> str | None:
    """The block that a meter may answer instead of this code alone; None where there is none."""
    around = code[:3] + "F" if len(code) == 4 else f"{code[:4]}FF{code[6:]}"
    return around if code in members(around) else None


def length(code: str) -> int:
    """How many bytes the values of one code take."""
    return sum(pictures.size(item.picture) for item in items(code))


def _items_2007(group: int, kind: int, part: int, day: int) -> tuple[Item, ...]:
    code = f"{group:02X}{kind:02X}{part:02X}{day:02X}"
    if group in (0, 1):
        return _counted(code, group, kind, part, day)
    if group != 2:
        return ()
    if kind in _HARMONICS:
        return (Item(code, "XX.XX", "%"),) if 1 <= part <= 3 and 1 <= day <= 21 else ()
    if kind not in _VARIABLES or day:
        return ()
    return _of_phase(code, _VARIABLES[kind], part, PAIRS if kind == _LINE_VOLTAGE else PHASES)


def _counted(code: str, group: int, kind: int, tariff: int, day: int) -> tuple[Item, ...]:
    """Energies (00) and maximum demands (01)."""
    unit, phase = _unit(kind)
    if not unit or tariff > _TARIFFS or day > _DAYS or (group == 1 and kind in (0, *_SPECIAL)):
        return ()
    sign = "±" if unit.startswith("±") else ""
    unit = unit.lstrip("±")
    if group == 1:
        return (Item(code, sign + DEMAND, unit.removesuffix("h")), Item(f"{code} time", "YYMMDDhhmm"))
    base = _ACTIVE.get(kind - _PHASE_KINDS[phase] + 1) if phase is not None else _COUNTED.get(kind)
    if phase is not None and base:
        base = None if tariff else f"{base}_{PHASES[phase]}"
    elif base:
        base = _of_tariff(base, tariff)
    return (Item(code, sign + ENERGY, unit, None if day else base),)


def _unit(kind: int) -> tuple[str, int | None]:
    """The unit ("±": with a sign) of a kind of energy, and the number of the phase that is counted."""
    if kind < len(_KINDS):
        return _KINDS[kind], None
    for phase, first in enumerate(_PHASE_KINDS):
        if first <= kind < first + 10:
            return _KINDS[kind - first + 1], phase
    return ("kWh" if kind in _SPECIAL else ""), None


def _of_tariff(quantity: str, tariff: int) -> str | None:
    if tariff > len(TARIFFS):
        return None
    return f"{quantity}_{TARIFFS[tariff - 1]}" if tariff else quantity


def _of_phase(code: str, variable: _Phased, part: int, names: tuple[str, ...]) -> tuple[Item, ...]:
    if part > 3 or (part == 0 and not variable.total):
        return ()
    quantity = variable.quantity.format(names[part - 1] if part else "total")
    return (Item(code, variable.picture, variable.unit, quantity),)


def _items_1997(code: str) -> tuple[Item, ...]:
    part, kind = int(code[3], 16), code[:3]
    if kind in _VARIABLES_1997:
        return _of_phase(code, _VARIABLES_1997[kind], part, PAIRS if kind == "B69" else PHASES)
    # 90 active and 91 reactive: this month; 94, 98: the months before. 1 to 6 in the third place: direction, quadrant.
    group, reactive = code[0], code[1] in "159"
    ways = "123456" if reactive else "12"
    if code[1] not in "014589" or code[2] not in ways or part > 14:
        return ()
    word = "kvar" if reactive else "kW"
    if group == "9":
        counted = _COUNTED_1997.get(kind)
        return (Item(code, ENERGY, word + "h", _of_tariff(counted, part) if counted else None),)
    if group == "A":
        return (Item(code, DEMAND, word),)
    return (Item(code, "MMDDhhmm"),) if group == "B" else ()
