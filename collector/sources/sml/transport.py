"""Finds the frames of SML's transport protocol, version 1 (SML 1.04, section 8): escape sequences, padding, CRC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

ESCAPE = b"\x1b\x1b\x1b\x1b"
BEGIN = ESCAPE + b"\x01\x01\x01\x01"
_END = 0x1A
#: Longer frames are noise; a meter's has some hundred bytes.
LONGEST = 16384


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame. `body`: the messages, without escapes and padding. `checked`: the bytes of its CRC; `crc`: as it says.

    `fault`: why there is no body, if so; `whole`: False where its end was not found.
    """

    body: bytes
    checked: bytes = b""
    crc: int = 0
    fault: str = ""
    whole: bool = True


def frames(data: bytes) -> Iterator[Frame]:
    """Every frame that begins in these bytes, in order."""
    start = data.find(BEGIN)
    while start >= 0:
        following = data.find(BEGIN, start + len(BEGIN))
        # Two escapes in a row are escaped data, and what follows them is no beginning.
        while following >= 0 and _is_escaped(data, start, following):
            following = data.find(BEGIN, following + 1)
        yield _frame(data[start : following if following >= 0 else len(data)])
        start = following


def _is_escaped(data: bytes, start: int, at: int) -> bool:
    """True when an odd number of escapes stands before: then this one is the second of a pair."""
    count = 0
    while at - 4 * (count + 1) >= start + len(BEGIN) and data[at - 4 * (count + 1) : at - 4 * count] == ESCAPE:
        count += 1
    return count % 2 == 1


def _frame(data: bytes) -> Frame:
    """One frame at the beginning of these bytes; what follows it is nobody's."""
    if len(data) > LONGEST:
        data = data[:LONGEST]
    body, at = bytearray(), len(BEGIN)
    while True:
        escape = data.find(ESCAPE, at)
        if escape < 0 or escape + 8 > len(data):
            return Frame(b"", fault="it was cut off before its end", whole=False)
        body += data[at:escape]
        kind = data[escape + 4 : escape + 8]
        if kind == ESCAPE:
            body += ESCAPE
            at = escape + 8
        elif kind[0] == _END:
            return _ended(data, body, escape, kind)
        else:
            # 1b 1b 1b 1b may begin one byte later: the data before it ended with 1b.
            if data[escape + 1 : escape + 5] == ESCAPE:
                body += data[escape : escape + 1]
                at = escape + 1
                continue
            return Frame(b"", fault=f"an escape sequence means nothing: {kind.hex(' ')}")


def _ended(data: bytes, body: bytearray, escape: int, kind: bytes) -> Frame:
    padding = kind[1]
    if padding > 3 or padding > len(body):
        return Frame(b"", fault=f"{padding} bytes of padding are too many")
    content = bytes(body[: len(body) - padding])
    return Frame(content, data[: escape + 6], int.from_bytes(kind[2:], "big"))
