"""Tells a meter with 7 data bits and even parity on a port that was opened with 8 bits (DSMR 2.2 P1, section 4.3)."""

from __future__ import annotations

import re

#: `/` with its parity bit: how a telegram begins on such a port.
SLASH_WITH_PARITY = 0xAF
#: Without NUL; an Irish meter has a control character in its header.
_TEXT = frozenset(range(1, 0x7F))
_EVEN = [byte for byte in range(256) if not byte.bit_count() % 2]
#: Takes the parity bit away; a byte whose parity is wrong becomes NUL, which is no text.
STRIP = bytes(byte & 0x7F if byte in _EVEN else 0 for byte in range(256))


def _marked(text: frozenset[int]) -> re.Pattern[bytes]:
    """Every byte that ends or spoils a telegram: what is not in `text`."""
    spoils = bytes(sorted(set(range(256)) - text))
    return re.compile(b"[" + b"".join(b"\\x%02x" % byte for byte in spoils) + b"]")


#: The next byte that matters in a telegram: the end, another beginning, or what is no text.
MARKED = _marked(_TEXT - set(b"/!"))
#: The same where every byte carries its parity bit.
STRIPPED_MARKED = _marked(frozenset(byte for byte in _EVEN if byte & 0x7F in _TEXT - set(b"/!")))
