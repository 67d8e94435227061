"""Finds encrypted telegrams: DLMS frames of general ciphering (Luxembourg Smarty P1, 3.2.5; Green Book, 9.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: Tag, title of 8 bytes, length in two bytes, security control "authenticated and encrypted" (suite 0).
HEADER = re.compile(rb"\xdb\x08(?P<title>.{8})\x82(?P<length>..)\x30", re.DOTALL)
_HEADER_BYTES = 14
_COUNTER, TAG = 4, 12
#: What the length counts besides the text: security control, frame counter, tag.
_LEAST = 1 + _COUNTER + TAG
#: Longer ones are noise; a telegram of two kilobytes is a long one.
_MOST = 8192


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame in some data, from `start` to `end`, which lies behind the data where it was cut off.

    `text`: encrypted, with its tag.
    """

    start: int
    end: int
    title: bytes
    counter: bytes
    text: bytes


def length_of(header: re.Match[bytes]) -> int | None:
    """How many bytes the whole frame has; None where no frame has so many or so few."""
    counted = int.from_bytes(header["length"], "big")
    return _HEADER_BYTES - 1 + counted if _LEAST < counted <= _MOST else None


def frames(data: bytes) -> Iterator[Frame]:
    """Every frame, in order. A damaged one may reach over the beginning of the next."""
    for header in HEADER.finditer(data):
        length = length_of(header)
        if length:
            end, text = header.start() + length, header.end() + _COUNTER
            yield Frame(header.start(), end, header["title"], data[header.end() : text], data[text:end])
