"""Reads one P1 telegram: its check sum, its header, its lines (DSMR 5.0.2 P1, sections 5.2 and 6)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from collector.sources.dsmr.crc import arc
from collector.sources.dsmr.lines import lines, serial, value
from collector.sources.telegram import Telegram, Value

_HEADER = re.compile(r"/([A-Za-z]{3}.[^/!]{0,60})")
#: Only telegrams with a check sum have these: version, time of the telegram, Belgian version.
_SINCE_CHECK_SUMS = {"1-3:0.2.8", "0-0:1.0.0", "0-0:96.1.4"}


@dataclass(frozen=True, slots=True)
class Read:
    """A telegram; `reason`: one word on why it is not believed, else "". `serial`: the meter's own number."""

    telegram: Telegram
    reason: str = ""
    serial: str = ""


def read(raw: bytes, given: str) -> Read:
    """What the bytes from `/` to `!` say. `given`: the digits of the check sum behind them, "" for DSMR 2 and 3."""
    computed = arc(raw)
    told: tuple[str, ...] = ()
    if given and int(given, 16) != computed:
        if b"\r" in raw or int(given, 16) != arc(raw.replace(b"\n", b"\r\n")):
            return _refused(f"wrong check sum: the telegram says {given}, its bytes give {computed:04X}", "crc")
        told = ("the ends of its lines were changed since it was sent",)
    header, _, body = raw[:-1].decode("ascii").partition("\n")
    named = _HEADER.fullmatch(header.rstrip("\r"))
    if named is None:
        return _refused(f'"{header.rstrip()[:40]}" is no header', "structure")
    values, odd = _values(body)
    if not given:
        wrong = _unchecked(values, odd)
        if wrong:
            return _refused(wrong, "no_crc")
    problems = (*told, *(f'"{line[:60]}" is no data line' for line in odd))
    whole = bool(values)
    name = "".join(letter for letter in named[1] if letter.isprintable())
    if not whole:
        problems = (*problems, "it has no values")
    return Read(Telegram(name, tuple(values), whole, problems), "" if whole else "structure", serial(tuple(values)))


def _values(body: str) -> tuple[list[Value], list[str]]:
    values, odd = [], []
    for line in lines(body):
        found = value(line)
        if found is None:
            odd.append(line)
        else:
            values.append(found)
    return values, odd


def _unchecked(values: list[Value], odd: list[str]) -> str:
    """Why a telegram without a check sum cannot be believed; "" if nothing speaks against it."""
    if any(value.code in _SINCE_CHECK_SUMS for value in values):
        return "it has no check sum, but its version has one"
    if odd:
        return f'it has no check sum, and "{odd[0][:60]}" is no data line'
    return ""


def _refused(problem: str, reason: str) -> Read:
    return Read(Telegram("", complete=False, problems=(problem,)), reason)
