"""Takes data lines apart: addresses, brackets, values and units (IEC 62056-21, 6.3.8 to 6.3.12)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from collector.devices.obis import QUANTITY, short
from collector.model.quantity import QUANTITIES
from collector.sources.telegram import Value, in_si

#: Longer lines are noise: the standard allows 78 characters, P1 messages 2048.
LONGEST_LINE = 5000
_NUMBER = r"[ ]{0,20}[+-]?[ ]{0,20}(?:\d{1,32}(?:[.,]\d{0,32})?|[.,]\d{1,32})"
#: value, value*unit, value*unit and a time behind a blank.
_FIELD = re.compile(rf"(?P<value>{_NUMBER}|[^*]*)(?:\*(?P<unit>[^ ]*)(?: +(?P<rest>[^*]*))?)?")
_ADDRESS = re.compile(r"[0-9A-Za-z.:*&_-]{0,32}")
_BLANK = re.compile(r"[ _?*-]*")
_IS_NUMBER = re.compile(_NUMBER)
_FORBIDDEN = re.compile(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(slots=True)
class Lines:
    """What the data lines of one telegram say. `odd`: lines that are none."""

    values: list[Value] = field(default_factory=list)
    odd: int = 0
    _code: str = ""
    _seen: set[str] = field(default_factory=set)

    def take(self, line: str) -> None:
        """Takes one line apart; what it held until it stopped to make sense is kept."""
        at = 0
        while at < len(line):
            opening = line.find("(", at)
            closing = line.find(")", opening) if opening >= 0 else -1
            if closing < 0 or len(line) > LONGEST_LINE:
                self.odd += bool(line[at:].strip())
                return
            address = line[at:opening].strip().lstrip("!")
            if not _ADDRESS.fullmatch(address):
                self.odd += 1
                return
            self._data_set(address, line[opening + 1 : closing])
            at = closing + 1

    def _data_set(self, address: str, content: str) -> None:
        """An empty address belongs to the value before."""
        first = bool(address)
        self._code = address or self._code
        for part in content.split("&"):
            for value in _fields(self._code, part):
                named = value.quantity if first and self._code not in self._seen else None
                self.values.append(Value(value.code, named, value.value, value.unit))
                first = False
        self._seen.add(self._code)


def _fields(code: str, content: str) -> Iterator[Value]:
    found = _FIELD.fullmatch(content)
    if found is None:
        yield Value(code, None, content)
        return
    unit = found["unit"] or ""
    value = _value(found["value"], found["unit"] is not None)
    yield Value(code, None if isinstance(value, str) else _quantity(code, unit), value, unit)
    if found["rest"]:
        yield Value(code, None, found["rest"].strip())


def _value(text: str, measured: bool) -> float | str | None:
    """A number where it is measured; digits alone are a text (numbers of meters, times, states begin with zeros)."""
    text = text.strip()
    if _BLANK.fullmatch(text):
        return None
    if _IS_NUMBER.fullmatch(text) and (measured or not text.isdigit()):
        return float(text.replace(" ", "").replace(",", "."))
    return text


def _quantity(code: str, unit: str) -> str | None:
    """The quantity of a present value, unless its unit is that of something else."""
    brief = short(code)
    named = QUANTITY.get(brief) if brief else None
    if named is None or (unit and in_si(1.0, unit)[1].lower() != QUANTITIES[named].unit.lower()):
        return None
    return named


def damaged(data: bytes) -> bool:
    """True when there are characters that no data line has."""
    return _FORBIDDEN.search(data) is not None
