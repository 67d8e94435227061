"""Reads the data lines of a P1 telegram (IEC 62056-21 section 6.2, DSMR 5.0.2 P1 section 6)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collector.devices.obis import quantity
from collector.sources.telegram import Value

_LINE = re.compile(r"(\d{1,3}-\d{1,3}:\d{1,3}\.\d{1,3}\.\d{1,3}(?:[*&]\d{1,3})?)((?:\([^()\x00-\x1f\x7f]*\))+)")
_BRACKET = re.compile(r"\(([^()]*)\)")
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?")
_TIME = re.compile(r"\d{12}[SW]?")
#: Without a unit these are numbers: electricity but its identification (C = 0), and the counts of power failures.
_COUNTED = re.compile(r"1-\d+:(?!0\.).*|0-0:96\.7\..*")
#: DSMR 2 and 3, gas: time, status, period, count of values, code, unit, then the value in a line of its own.
_GAS_HEAD = 6
#: Where the number of the meter stands, in hexadecimal digits: Dutch and Belgian, Hungarian, Luxembourg.
_SERIALS = ("0-0:96.1.1", "0-0:96.1.0", "0-0:42.0.0")


def lines(body: str) -> Iterator[str]:
    """Every data line; one that begins with a bracket goes on from the line before."""
    held = ""
    for line in (line.rstrip("\r") for line in body.split("\n")):
        if line.startswith("(") and held:
            held += line
            continue
        if held:
            yield held
        held = line
    if held:
        yield held


def value(line: str) -> Value | None:
    """What the line says; None if it is no data line."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    code, brackets = found[1], _BRACKET.findall(found[2])
    if len(brackets) == 1:
        return _single(code, brackets[0])
    if len(brackets) == 2 and _TIME.fullmatch(brackets[0]):
        return _single(code, brackets[1])
    if len(brackets) == _GAS_HEAD + 1 and brackets[3] == "1" and _NUMBER.fullmatch(brackets[_GAS_HEAD]):
        return Value(code, quantity(code), float(brackets[_GAS_HEAD]), brackets[_GAS_HEAD - 1])
    return Value(code, None, found[2])


def _single(code: str, bracket: str) -> Value | None:
    """(number*unit), (number) or (text); None for a unit without a number."""
    written, star, unit = bracket.partition("*")
    if star and not _NUMBER.fullmatch(written):
        return None
    if star or (_COUNTED.fullmatch(code) and _NUMBER.fullmatch(written)):
        return Value(code, quantity(code), float(written), unit)
    return Value(code, None, bracket or None)


def serial(values: tuple[Value, ...]) -> str:
    """The number of the meter as text, "" if it does not say one."""
    by_code = {value.code: value.value for value in values}
    for code in _SERIALS:
        written = by_code.get(code)
        if isinstance(written, str) and written.strip("0"):
            return _unhexed(written)
    return ""


def _unhexed(written: str) -> str:
    try:
        text = bytes.fromhex(written).decode("ascii")
    except ValueError:
        return written
    return text if text.isprintable() else written
