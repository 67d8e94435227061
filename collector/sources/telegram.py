"""Says what meters that name their values send: one telegram, its values as the meter wrote them, and its faults."""

from __future__ import annotations

from dataclasses import dataclass

#: Unit of a meter -> (SI unit without prefix, factor).
_UNITS = {
    "kWh": ("Wh", 1e3),
    "MWh": ("Wh", 1e6),
    "kvarh": ("varh", 1e3),
    "Mvarh": ("varh", 1e6),
    "kVAh": ("VAh", 1e3),
    "MVAh": ("VAh", 1e6),
    "kW": ("W", 1e3),
    "MW": ("W", 1e6),
    "kvar": ("var", 1e3),
    "Mvar": ("var", 1e6),
    "kVA": ("VA", 1e3),
    "MVA": ("VA", 1e6),
    "kV": ("V", 1e3),
    "mV": ("V", 1e-3),
    "kA": ("A", 1e3),
    "mA": ("A", 1e-3),
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
    si, factor = _UNITS.get(unit) or _BY_FOLDED.get(unit.lower()) or (unit, 1.0)
    return (value * factor if factor >= 1 else value / round(1 / factor)), si
