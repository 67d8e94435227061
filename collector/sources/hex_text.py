"""Reads bytes that somebody wrote down as hex digits: plain, with separators, or as xxd and hexdump print them."""

from __future__ import annotations

import re

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
#: 68 11, 6811, 0x68, \x68, 68:11 ...; no protocol's own bytes look like this from end to end.
_DIGITS = re.compile(rb"\s*(?:(?:0x|\\x)?[0-9A-Fa-f]{2}(?:[:-]|\s*[,;]?\s*))++")
_AROUND = re.compile(rb"0x|\\x|[\s,;:-]")
#: An offset, the bytes, and the same as text: behind ":" as xxd prints it, or as hexdump and od do.
_DUMPED = re.compile(
    rb"(?P<offset>[0-9A-Fa-f]{6,16})"
    rb"(?::(?P<xxd>(?: (?:[0-9A-Fa-f]{2})+)*)(?:  .*)?|(?P<hexdump>(?: {1,2}[0-9A-Fa-f]{2})*)(?: *\|.*)?)"
)


def written(data: bytes) -> bytes | None:
    """The bytes that this text means; None where it is no such text."""
    text = data.removeprefix(_BYTE_ORDER_MARK)
    dumped = _dump(text)
    if dumped:
        return dumped
    return bytes.fromhex(_AROUND.sub(b"", text).decode("ascii")) if _DIGITS.fullmatch(text) else None


def _dump(text: bytes) -> bytes | None:
    """What a dump shows: each line says how many bytes stood before it."""
    found = bytearray()
    for line in text.splitlines():
        shown = _DUMPED.fullmatch(line.rstrip())
        if line.strip() and (shown is None or int(shown["offset"], 16) != len(found)):
            return None
        if shown:
            found += bytes.fromhex((shown["xxd"] or shown["hexdump"] or b"").decode("ascii"))
    return bytes(found)
