"""Finds and builds the messages of Cirbus (Circutor CVMk manual, section 11.1): `$`, unit, text, sum, line feed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

START, END = b"$", b"\n"
#: Bytes around the text: start, two of the unit, two of the sum, end.
AROUND = 6
#: The longest text: everything at once (RAL).
LONGEST = 244 + AROUND
_WHOLE = re.compile(rb"\$(\d\d)([ -~]*)([0-9A-Fa-f]{2})\n")


@dataclass(frozen=True, slots=True)
class Message:
    """A message whose sum is right. `begin`, `end`: where it lay in the bytes that were searched."""

    unit: int
    text: str
    begin: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Damage:
    """What begins like a message and cannot be believed. `reason`: why not; `whole`: only its sum is wrong."""

    reason: str
    whole: bool
    begin: int
    end: int


def build(unit: int, text: str) -> bytes:
    """A message ready to send. The case of its letters matters: RVM is a maximum, RVm a minimum."""
    body = START + f"{unit:02d}{text}".encode("ascii")
    return body + f"{sum(body) & 0xFF:02X}".encode() + END


def search(data: bytes) -> Iterator[Message | Damage]:
    """Every message in order, and what looks like one but is none; work is linear in the bytes."""
    at = data.find(START)
    while at >= 0:
        following = data.find(START, at + 1)
        until = len(data) if following < 0 else following
        yield _look(data, at, data.find(END, at, min(until, at + LONGEST)) + 1, until)
        at = following


def _look(data: bytes, at: int, end: int, until: int) -> Message | Damage:
    """What begins here. `end`: behind its line feed, 0 if there is none before `until`."""
    if not end:
        return Damage(f"it is cut off after {min(until - at, LONGEST)} bytes", False, at, until)
    found = _WHOLE.fullmatch(data, at, end)
    if found is None:
        return Damage("it has no unit, no sum, or bytes that are no text", False, at, end)
    total, said = sum(data[at : end - 3]) & 0xFF, int(found[3], 16)
    if total != said:
        return Damage(f"its sum is {total:02X}, and not {said:02X} as it says", True, at, end)
    return Message(int(found[1]), found[2].decode("ascii"), at, end)
