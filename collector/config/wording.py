"""Puts a rule that was broken into words: what is wrong, what is allowed, which key was probably meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from collector.config.duration import written, written_octets
from collector.config.nearest import nearest
from collector.config.schema import Fault, bounds, keys, measure
from collector.errors import Mistake
from collector.model.tariff import KINDS

_TYPES = {
    "string_type": "a text in quotes",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "finite_number": "a number that can be used",
    "string_too_long": "a short text (it is longer than 200 characters)",
}
#: Ranges that depend on something else in the file.
_RANGES = {("meter", "unit"): "1 to 247 on a serial line; 0 to 255 only over Modbus TCP"}
#: How a text that has a form of its own begins in its pattern, and an example of it.
_WRITTEN = {
    "^([01]": '"02:15"',
    "^(([01]": '"03:45", or "never"',
    "^/": '"/mnt/backup"',
    "^[A-Za-z0-9.!#$%": '"maria@example.org"',
    "^[a-z_][a-z0-9._-]*@": '"user@host:/folder"',
    "^[A-Za-z0-9][A-Za-z0-9.:-]": '"192.168.1.1"',
    "^([01][0-9]|2[0-3]):(00": '"23:00", a quarter of an hour',
    "^(([01][0-9]|2[0-3]):(00": '"23:00", a quarter of an hour',
    "^[0-1][0-9]-": '"11-01/03-31", first and last day',
    "^[A-Z]{3}": '"EUR"',
    "^(mon|": '"mon", "workday", "weekend" or "holiday"',
    "^(energy|": f"one of {', '.join(KINDS)}",
    "^https?": '"https://prices.example/today.csv"',
}
_LIMITS = {"greater_than", "greater_than_equal", "less_than_equal"}


def shown(value: object) -> str:
    """A value as it stands in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(shown(each) for each in value)}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def mistake(table: str, where: str, fault: Fault) -> Mistake:
    """One broken rule in words. `where` is how a person finds the key: `meter[0].unit`."""
    place, rule, figures, value = fault
    key = str(place[0]) if place else ""
    if rule == "extra_forbidden":
        return Mistake(where, f'unknown key "{key}"', nearest(key, keys(table)))
    if rule == "missing":
        return Mistake(where, "is missing", f'every [[{table}]] needs {key} = "..."')
    if rule in _LIMITS:
        return Mistake(where, f"{shown(value)} is out of range", allowed(table, key))
    return Mistake(where, *_judged(rule, figures, value))


def allowed(table: str, key: str) -> str:
    """The range of a key in words and in the units of the file: `100ms to 1d`; empty if there is none."""
    lowest, highest = bounds(table, key)
    if lowest is None or (table, key) in _RANGES:
        return _RANGES.get((table, key), "")
    write = {"duration": written, "size": written_octets}.get(measure(table, key), "{:.10g}".format)
    bound, excluded = lowest
    low = f"more than {write(bound)}" if excluded else write(bound)
    if highest is None:
        return low if excluded else f"at least {low}"
    return f"{low}{', at most' if excluded else ' to'} {write(highest)}"


def _judged(rule: str, figures: Mapping[str, Any], value: object) -> tuple[str, str]:
    if rule == "literal_error":
        return f"{shown(value)} is not allowed", "allowed: " + _plain(figures["expected"])
    if rule == "string_pattern_mismatch":
        begun = [begin for begin in _WRITTEN if figures["pattern"].startswith(begin)]
        example = _WRITTEN[max(begun, key=len)] if begun else ""
        if example:
            return f"{shown(value)} cannot be used here", f"write it like {example}"
        return f"{shown(value)} cannot be used as a name", _name_hint(str(value))
    if rule == "value_error":
        return str(figures["error"]), ""
    if rule == "string_too_short":
        return "is empty", "write a text between the quotes"
    return f"{shown(value)} is not {_TYPES.get(rule, 'allowed here')}", ""


def _plain(expected: str) -> str:
    """Pydantic's list of choices with TOML's quotes."""
    return expected.replace("'", '"')


def _name_hint(value: str) -> str:
    allowed = 'use only a-z, 0-9, "-" and "_", beginning with a letter or digit, at most 40 characters'
    better = re.sub(r"[^a-z0-9_-]+", "-", value.lower()).strip("-_")[:40]
    return f'{allowed}; for example "{better}"' if better else allowed
