"""Turns data into values and back as the standard's pictures say (DL/T 645-2007, appendix A: XXX.X, YYMMDDhhmm ...).

Bytes come low first, two digits in each. A leading "±" says that the top bit is the sign, "A6" that six bytes are text.
"""

from __future__ import annotations

import re
from datetime import datetime

_TEXT = re.compile(r"A(\d+)")
_TIMES = {"YYMMDDhhmm": "%y%m%d%H%M", "MMDDhhmm": "%m%d%H%M", "hhmmss": "%H%M%S"}
_SHOWN = {"YYMMDDhhmm": "%Y-%m-%d %H:%M", "MMDDhhmm": "%m-%d %H:%M", "hhmmss": "%H:%M:%S"}


def size(picture: str) -> int:
    """How many bytes it takes."""
    text = _TEXT.fullmatch(picture)
    return int(text[1]) if text else (len(picture.lstrip("±").replace(".", "")) + 1) // 2


def read(picture: str, data: bytes) -> float | str | None:
    """The value of so many bytes; None where a digit is none: that is how a meter says "not available"."""
    text = _TEXT.fullmatch(picture)
    if text:
        return _text(data)
    if picture.startswith("±"):
        magnitude = _number(picture[1:], data[:-1] + bytes((data[-1] & 0x7F,)))
        return -magnitude if magnitude and data[-1] & 0x80 else magnitude
    digits = _digits(data)
    if digits is None:
        return None
    if picture.startswith("N"):
        return digits
    return _number(picture, data) if picture.startswith("X") else _time(picture, digits)


def write(picture: str, value: float | str | None) -> bytes:
    """The bytes of a number (or of digits, or of text); those of None have no digit in them.

    A number that has too many digits begins at 0 again, as a counter does.
    """
    wide = size(picture)
    if value is None:
        return b"\xff" * wide
    if isinstance(value, str):
        return (value.encode("ascii").ljust(wide, b"\0") if picture[0] == "A" else bytes.fromhex(value))[::-1]
    plain = picture.lstrip("±")
    decimals = len(plain.partition(".")[2])
    digits = round(abs(value) * 10**decimals) % 10 ** len(plain.replace(".", ""))
    raw = bytearray(bytes.fromhex(f"{digits:0{2 * wide}d}")[::-1])
    if value < 0 and picture != plain:
        raw[-1] |= 0x80
    return bytes(raw)


def _digits(data: bytes) -> str | None:
    digits = data[::-1].hex()
    return digits if digits.isdecimal() else None


def _number(picture: str, data: bytes) -> float | None:
    """A digit where the picture has none (XXX in two bytes) makes it no number, too."""
    digits = _digits(data)
    if digits is None or int(digits) >= 10 ** len(picture.replace(".", "")):
        return None
    decimals = len(picture.partition(".")[2])
    return int(digits) / float(10**decimals)


def _text(data: bytes) -> str | None:
    """The printable part; unused places are zero, FF or blank."""
    return "".join(chr(byte) for byte in data[::-1] if 32 <= byte < 127).strip() or None


def _time(picture: str, digits: str) -> str | None:
    """A date or time for people; the day of the week behind a date is left out. None for a moment that never was."""
    if picture == "YYMMDDWW":
        return _moment(digits[:6], "%y%m%d", "%Y-%m-%d")
    return _moment(digits, _TIMES[picture], _SHOWN[picture])


def _moment(digits: str, kind: str, shown: str) -> str | None:
    try:
        # 1904 was a leap year: a day and month without a year may be the 29th of February.
        leap = ("%Y" + kind, "1904" + digits) if "%y" not in kind else (kind, digits)
        return datetime.strptime(leap[1], leap[0]).strftime(shown)  # noqa: DTZ007
    except ValueError:
        return None
