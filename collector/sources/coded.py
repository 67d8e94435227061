"""Turns the named values of a telegram into quantities by the codes of the meter's model."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from collector.devices.map import Code, Model
from collector.devices.obis import QUANTITY, short
from collector.model.quantity import QUANTITIES
from collector.sources.telegram import Telegram, Value, in_si

#: Decimals kept, in the quantity's unit: finer than any meter, coarser than what adding floats leaves behind.
_DECIMALS = 6


class CodedValues:
    """Values of one meter; remembers which codes it has ever sent, so that a sum is never made of some of its parts."""

    def __init__(self, model: Model) -> None:
        self._wholes: dict[str, list[Code]] = {}
        self._parts: dict[str, list[Code]] = {}
        for code in model.codes:
            itself = QUANTITY.get(code.code) == code.quantity
            (self._wholes if itself else self._parts).setdefault(code.quantity, []).append(code)
        self._quantities = model.quantities()
        self._seen: set[tuple[str, str]] = set()

    def values(self, telegram: Telegram) -> dict[str, float | None]:
        """Every quantity of the model in its SI unit; None where the telegram does not have it, or not all of it.

        A code that names the quantity itself (16.7.0) goes before the sum of its parts (1.7.0 - 2.7.0).
        """
        sent = _by_code(telegram.values)
        return {quantity: self._value(quantity, sent) for quantity in self._quantities}

    def _value(self, quantity: str, sent: Mapping[str, Value | None]) -> float | None:
        wholes, parts = self._wholes.get(quantity, ()), self._parts.get(quantity, ())
        for code in (*wholes, *parts):
            if code.code in sent:
                self._seen.add((code.code, quantity))
        whole = next((code for code in wholes if (code.code, quantity) in self._seen), None)
        used = [whole] if whole else [code for code in parts if (code.code, quantity) in self._seen]
        found = [_amount(code, sent.get(code.code)) for code in used]
        known = [amount for amount in found if amount is not None]
        if not known or len(known) < len(found):
            return None
        return round(math.fsum(known), _DECIMALS)


def _by_code(values: Iterable[Value]) -> dict[str, Value | None]:
    """By the code as the meter writes it and by its short form; None where two values contradict each other."""
    found: dict[str, Value | None] = {}
    for value in values:
        for code in {value.code, short(value.code) or value.code}:
            same = code not in found or found[code] == value or _equal(found[code], value)
            found[code] = value if same else None
    return found


def _equal(one: Value | None, other: Value) -> bool:
    return one is not None and (one.value, one.unit) == (other.value, other.unit)


def _amount(code: Code, sent: Value | None) -> float | None:
    """What this value adds to its quantity, in the quantity's unit; None for no number or for another kind of unit."""
    if sent is None or sent.value is None or isinstance(sent.value, str) or not math.isfinite(sent.value):
        return None
    if not sent.unit:
        return code.sign * sent.value * code.scale
    value, unit = in_si(sent.value, sent.unit)
    return code.sign * value if unit == QUANTITIES[code.quantity].unit else None
