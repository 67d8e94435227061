"""Puts a meter's refusal into words (DL/T 645-1997, section 6.5; DL/T 645-2007, section 7: the error byte's bits)."""

from __future__ import annotations

from collector.sources.dlt645.frame import Frame

_WORDS_2007 = (
    "another error", "it has no such data", "wrong password or no right to it", "the speed cannot be changed",
    "too many seasons", "too many time zones of the day", "too many tariffs", "a reserved bit",
)  # fmt: skip
_WORDS_1997 = (
    "the data is not valid", "it does not know this identifier", "wrong password", "a reserved bit",
    "too many seasons", "too many time zones of the day", "too many tariffs", "a reserved bit",
)  # fmt: skip
#: Functions from here on are of the 2007 edition.
FIRST_OF_2007 = 0x11
#: The bit of "there is no such thing": what is asked for again will be refused again.
_UNKNOWN = 0x02


def words(frame: Frame) -> str:
    """Why the meter refuses."""
    said = f"it refuses (control {frame.control:02X})"
    if len(frame.data) != 1:
        return f"{said}, and its error {frame.data.hex(' ').upper() or 'is missing'} is not one byte"
    known = _WORDS_2007 if frame.function >= FIRST_OF_2007 else _WORDS_1997
    reasons = [word for bit, word in enumerate(known) if frame.data[0] >> bit & 1]
    return f"{said}: {', '.join(reasons) or 'it does not say why'} (error {frame.data[0]:02X})"


def unknown(frame: Frame) -> bool:
    """True when the meter will never have what was asked for."""
    return len(frame.data) == 1 and bool(frame.data[0] & _UNKNOWN)
