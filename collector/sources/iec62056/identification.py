"""Reads what a meter says when it is called: who it is and how fast it can speak (IEC 62056-21, 6.3.2 and 6.3.14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Speeds by the character that stands for them (6.3.14, 13).
SPEEDS = {"0": 300, "1": 600, "2": 1200, "3": 2400, "4": 4800, "5": 9600, "6": 19200}
_SPEEDS_B = {"A": 600, "B": 1200, "C": 2400, "D": 4800, "E": 9600, "F": 19200}
#: A line `/XXXZidentification`; no bracket, so that no data line is taken for one. A "/" behind ETX is a block check,
#: unless that ETX is one itself.
LINE = re.compile(rb"(?:(?<!\x03)|(?<=\x03\x03))/([A-Za-z]{3})([^\r\n/!()\x03]{0,80})(?:\r?\n|\r)")


@dataclass(frozen=True, slots=True)
class Identification:
    """`manufacturer`: three letters (a small third one: the meter reacts within 20 ms). `text`: all behind the "/"."""

    manufacturer: str
    text: str

    @property
    def character(self) -> str:
        """The character that tells mode and speed."""
        return self.text[3:4]

    @property
    def mode(self) -> str:
        """ "C": speed is agreed upon; "B": the meter changes it by itself; "A": it stays."""
        if self.character in SPEEDS and self.character:
            return "C"
        return "B" if self.character in _SPEEDS_B and self.character else "A"

    @property
    def speed(self) -> int:
        """Baud that the meter offers (C), goes on with (B), or keeps (A: 300)."""
        return SPEEDS.get(self.character) or _SPEEDS_B.get(self.character) or 300


def read(found: re.Match[bytes]) -> Identification:
    """What a LINE says."""
    said = (found[1] + found[2]).decode("latin-1").rstrip()
    text = "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in said)
    return Identification(text[:3], text)
