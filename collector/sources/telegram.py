"""Says what meters that name their values send: one telegram, its values as the meter wrote them, and its faults."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import isfinite

#: Unit of a meter -> (SI unit without prefix, power of ten).
_UNITS = {
    "kWh": ("Wh", 3),
    "MWh": ("Wh", 6),
    "kvarh": ("varh", 3),
    "Mvarh": ("varh", 6),
    "kVAh": ("VAh", 3),
    "MVAh": ("VAh", 6),
    "kW": ("W", 3),
    "MW": ("W", 6),
    "kvar": ("var", 3),
    "Mvar": ("var", 6),
    "kVA": ("VA", 3),
    "MVA": ("VA", 6),
    "kV": ("V", 3),
    "mV": ("V", -3),
    "kA": ("A", 3),
    "mA": ("A", -3),
}
_BY_FOLDED = {unit.lower(): found for unit, found in _UNITS.items() if unit[0] not in "mM"}


@dataclass(frozen=True, slots=True)
class Value:
    """One value as the meter wrote it.

    `code`: the meter's name for it (an OBIS code, a data identifier, a command with its field). `quantity`: what it is,
    None where Phaselog has no word for it. `value`: in `unit`; a text for what is no number; None for "not available".
    """

    code: str
    quantity: str | None
    value: float | str | None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Telegram:
    """One message of a meter. `problems`: what is wrong with it, for people; `complete`: whole, and its check agrees.

    The values of a telegram that is not complete are those that may be believed nevertheless: most often none.
    """

    identification: str
    values: tuple[Value, ...] = ()
    complete: bool = True
    problems: tuple[str, ...] = ()


def in_si(value: float, unit: str) -> tuple[float, str]:
    """The value in the SI unit without prefix (kWh becomes Wh); a unit that is not known stays as it is."""
    si, exponent = _UNITS.get(unit) or _BY_FOLDED.get(unit.lower()) or (unit, 0)
    # 65659.495 * 1000 is 65659494.99999999: the point moves in the decimal digits that the meter wrote.
    return float(Decimal(repr(value)).scaleb(exponent)) if exponent and isfinite(value) else value, si
