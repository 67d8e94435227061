"""Reads the values out of a read answer's data (DL/T 645-1997, section 6.3; DL/T 645-2007, section 7.2)."""

from __future__ import annotations

from collector.sources.dlt645 import pictures
from collector.sources.dlt645.frame import Frame
from collector.sources.dlt645.identifiers import Item, items, length, members
from collector.sources.telegram import Value

#: Read, read on, in 1997 and in 2007; how many bytes their identifiers have.
READ_1997, MORE_1997, READ_2007, MORE_2007, ASK_ADDRESS = 0x01, 0x02, 0x11, 0x12, 0x13
WIDTHS = {READ_1997: 2, MORE_1997: 2, READ_2007: 4, MORE_2007: 4}
#: Ends a block of the 1997 edition.
_BLOCK_END = 0xAA


def parts(frame: Frame) -> tuple[str, bytes, int]:
    """Code, data and number (2007: of a follow-on frame, else 0) of an answer that carries data.

    ValueError says what is wrong with it.
    """
    width = WIDTHS[frame.function]
    tail = 1 if frame.function == MORE_2007 else 0
    if len(frame.data) < width + tail:
        raise ValueError(f"{len(frame.data)} bytes of data are too few for its identifier")
    code = frame.data[width - 1 :: -1].hex().upper()
    return code, frame.data[width : len(frame.data) - tail], frame.data[-1] if tail else 0


def known(code: str) -> bool:
    """True for an identifier, or a block of them, whose values can be read."""
    return bool(members(code) or items(code))


def values(code: str, data: bytes) -> list[Value]:
    """All values that this data holds, one for each code of a block. ValueError says why it cannot be understood."""
    block = members(code)
    if not known(code):
        raise ValueError(f"identifier {code} is not known here: its {len(data)} bytes are shown as they are")
    if len(code) == 4 and block and data[-1:] == bytes((_BLOCK_END,)):
        data = data[:-1]
    found: list[Value] = []
    at = 0
    for one in block or (code,):
        if at == len(data) and found:
            break
        end = at + length(one)
        if end > len(data):
            break
        for item in items(one):
            found.append(_value(item, data[at : at + pictures.size(item.picture)]))
            at += pictures.size(item.picture)
    if at != len(data) or not found:
        raise ValueError(f"identifier {code} has another length than these {len(data)} bytes")
    return found


def _value(item: Item, data: bytes) -> Value:
    return Value(item.code, item.quantity, pictures.read(item.picture, data), item.unit)
