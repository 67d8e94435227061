"""Finds the quantities of a model in what a meter sent: by code, by unit, and only where they are beyond doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from collector.devices.map import Code, Model
from collector.devices.obis import PART, short
from collector.model.quantity import QUANTITIES
from collector.sources.telegram import Value, in_si

#: Where meters say their number, the best first (VDEW: C.1.0 the maker's, 0.0.0 the owner's).
_NUMBERS = ("C.1.0", "C.1", "0.0.0", "0.0", "96.1.0", "96.1.255")
_PREFIX = re.compile(r"(?:0-0:|1-\d{1,3}:)?([^*&]*)(?:\*255)?")
#: Units that come with prefixes (kWh, MWh ...): a number without one may mean any of them.
_AMBIGUOUS = frozenset(("Wh", "varh", "VAh", "W", "var", "VA"))
_DEGREES = ("°", "deg")


@dataclass(frozen=True, slots=True)
class Understood:
    """`values`: every quantity of the model. `doubts`: one counted word for each value that was not believed."""

    values: Mapping[str, float | None]
    doubts: tuple[str, ...] = ()


class Meaning:
    """What the codes of one model mean."""

    def __init__(self, model: Model) -> None:
        self._codes: dict[str, list[Code]] = {}
        for code in model.codes:
            self._codes.setdefault(code.quantity, []).append(code)
        self._shown: dict[str, set[str]] = {quantity: set() for quantity in self._codes}

    def of(self, values: Iterable[Value]) -> Understood:
        """The quantities, in their own units."""
        found = _by_code(values)
        doubts: list[str] = []
        meant: dict[str, float | None] = {}
        for quantity, codes in self._codes.items():
            try:
                meant[quantity] = _quantity(codes, found, self._shown[quantity])
            except _DoubtError as doubt:
                meant[quantity] = None
                doubts.append(str(doubt))
        return Understood(meant, tuple(doubts))


def serial_number(values: Iterable[Value]) -> str | None:
    """The meter's number as it says it; None where it does not."""
    said: dict[str, str] = {}
    for value in values:
        code = _PREFIX.fullmatch(value.code)
        if code and isinstance(value.value, str):
            said.setdefault(code[1], value.value)
    return next((said[code] for code in _NUMBERS if said.get(code)), None)


class _DoubtError(Exception):
    """A value is there and cannot be believed."""


def _by_code(values: Iterable[Value]) -> dict[str, list[Value]]:
    """Under the code as it stands there, and under its short form where it means now."""
    found: dict[str, list[Value]] = {}
    for value in values:
        for name in {value.code, short(value.code) or value.code}:
            found.setdefault(name, []).append(value)
    return found


def _quantity(codes: Sequence[Code], found: Mapping[str, Sequence[Value]], shown: set[str]) -> float | None:
    """The quantity itself where the meter tells it; else the sum of its parts: P = import - export.

    `shown`: the codes that this meter ever showed; grows. A meter without export shows no such part. One that shows it
    but not the import, or only dashes, or leaves out what it showed before, tells nothing.
    """
    there = [(code, found.get(code.code) or found.get(short(code.code) or "")) for code in codes]
    said = [(code, _one(code, values)) for code, values in there if values]
    for code, value in said:
        if not _is_part(code) and value is not None:
            shown.add(code.code)
            return value
    parts = {code.code: value if value is None else code.sign * value for code, value in said if _is_part(code)}
    shown.update(parts)
    if shown - parts.keys() or not any(_is_part(code) and code.sign > 0 for code, _ in said):
        return None
    values = [value for value in parts.values() if value is not None]
    return round(sum(values), 6) if len(values) == len(parts) else None


def _is_part(code: Code) -> bool:
    return code.part or code.sign < 0 or short(code.code) in PART


def _one(code: Code, values: Sequence[Value]) -> float | None:
    """The value of one code. Said twice with a unit and not the same: nobody knows which is meant."""
    unit = QUANTITIES[code.quantity].unit
    fitting = {_si(value) for value in values if value.unit and _same_unit(in_si(1.0, value.unit)[1], unit)}
    if len(fitting) > 1:
        raise _DoubtError("bad_answer_ambiguous")
    if fitting:
        return fitting.pop()
    first = values[0]
    if first.value is None:
        return None
    if first.unit:
        raise _DoubtError("bad_answer_unit")
    return _scaled(code, first, unit)


def _si(value: Value) -> float | None:
    """Rounded where only the arithmetic of floats has digits: 33402.264 kWh are 33402264 Wh."""
    return round(in_si(value.value, value.unit)[0], 6) if isinstance(value.value, float) else None


def _scaled(code: Code, value: Value, unit: str) -> float | None:
    """A number without a unit is believed where it can only mean one, or where the model says what it means."""
    told = code.scale != 1.0
    if unit in _AMBIGUOUS and not told:
        raise _DoubtError("bad_answer_no_unit")
    if isinstance(value.value, float):
        return round(value.value * code.scale, 6)
    return float(value.value) * code.scale if told and value.value and value.value.isdecimal() else None


def _same_unit(unit: str, wanted: str) -> bool:
    folded = unit.lower()
    return folded == wanted.lower() or (wanted == "°" and folded in _DEGREES)
