"""Reads one datagram of a Kerrucent probe: `MAC/I/U/phase/P/Q/S`, ASCII, in A, V, degrees, W, var, VA.

There is neither a checksum nor a time in it: what does not have exactly this form is refused as a whole, and a value
that the probe (clamp and 230 V input) cannot have measured is missing.
"""

from __future__ import annotations

import math
import re

from collector.sources.telegram import Telegram, Value

#: The probes send far less; what is longer is not theirs.
LONGEST = 1024
_NUMBER = re.compile(r"[+-]?(?:\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})(?:[eE][+-]?\d{1,2})?", re.ASCII)
#: Code, unit and the values that can be: 100 A at 500 V are 50 kVA, and power may flow back.
_FIELDS = (
    ("I", "A", 0.0, 100.0),
    ("U", "V", 0.0, 500.0),
    ("phase", "°", -360.0, 360.0),
    ("P", "W", -5e4, 5e4),
    ("Q", "var", -5e4, 5e4),
    ("S", "VA", 0.0, 5e4),
)


def decode(data: bytes) -> Telegram:
    """The datagram; not `complete`, with the reason in `problems`, if it is none of a probe."""
    if len(data) > LONGEST:
        return _refused(f"longer than {LONGEST} bytes")
    try:
        text = data.replace(b"\0", b"").decode("ascii").strip()
    except UnicodeDecodeError:
        return _refused("not ASCII")
    name, *fields = text.split("/")
    if len(fields) != len(_FIELDS):
        return _refused(f"{len(fields)} values instead of {len(_FIELDS)}")
    values = tuple(_value(*meaning, field) for meaning, field in zip(_FIELDS, fields, strict=True))
    problems = tuple(
        f"{value.code}: {field[:20]!r} cannot be"
        for value, field in zip(values, fields, strict=True)
        if value.value is None
    )
    return Telegram(known_as(name), values, True, problems)


def known_as(mac: str) -> str:
    """The MAC without what people write between its digits, in lower case."""
    return mac.strip().translate({ord(mark): None for mark in ":-. "}).lower()


def _value(code: str, unit: str, low: float, high: float, field: str) -> Value:
    number = float(field) if _NUMBER.fullmatch(field := field.strip()) else math.nan
    return Value(code, None, number if low <= number <= high else None, unit)


def _refused(why: str) -> Telegram:
    return Telegram("", (), False, (why,))
