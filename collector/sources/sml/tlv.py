"""Reads the binary encoding of SML: type and length, then the value (SML 1.04, section 6.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

#: Messages nest seven deep (SML_Message, body, list, entry, time, choice); more is damage.
MOST_DEPTH = 12
#: Bytes of type and length in front of one element.
_MOST_HEAD = 4
_OCTETS, _BOOLEAN, _INTEGER, _UNSIGNED, _LIST = 0, 4, 5, 6, 7
_WIDEST = 8


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number, with the bytes that it came in."""

    value: int
    width: int
    signed: bool


#: One element; None: an optional one that was left out.
Node: TypeAlias = "bytes | bool | Number | tuple[Node, ...] | None"


class TlvError(Exception):
    """These bytes are no SML."""


def read(data: bytes, at: int, depth: int = 0) -> tuple[Node, int]:
    """The element at this place and where the next one begins. Raises TlvError."""
    kind, length, begin = _head(data, at)
    if kind == _LIST:
        return _list(data, begin, length, depth)
    end = at + length
    if end < begin:
        raise TlvError(f"an element at byte {at} is shorter than its own head")
    if end > len(data):
        raise TlvError(f"an element at byte {at} is longer than the telegram")
    if length == 1:
        return None, end
    return _value(kind, data[begin:end], at), end


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """Type, length, and where what follows begins."""
    if at >= len(data):
        raise TlvError("an element is missing at the end")
    kind, length, begin = data[at] >> 4 & 7, data[at] & 15, at + 1
    while data[begin - 1] & 0x80:
        if begin - at >= _MOST_HEAD or begin >= len(data) or data[begin] & 0x70:
            raise TlvError(f"the length of an element at byte {at} cannot be read")
        length = length << 4 | data[begin] & 15
        begin += 1
    return kind, length, begin


def _list(data: bytes, at: int, count: int, depth: int) -> tuple[Node, int]:
    if depth >= MOST_DEPTH:
        raise TlvError(f"lists are nested deeper than {MOST_DEPTH}")
    if count > len(data) - at:
        raise TlvError(f"a list at byte {at} has more elements than the telegram has bytes")
    nodes: list[Node] = []
    for _ in range(count):
        node, at = read(data, at, depth + 1)
        nodes.append(node)
    return tuple(nodes), at


def _value(kind: int, content: bytes, at: int) -> Node:
    if kind == _OCTETS:
        return content
    if kind == _BOOLEAN and len(content) == 1:
        return content[0] != 0
    if kind in (_INTEGER, _UNSIGNED) and 1 <= len(content) <= _WIDEST:
        signed = kind == _INTEGER
        return Number(int.from_bytes(content, "big", signed=signed), len(content), signed)
    raise TlvError(f"an element at byte {at} has type {kind} and {len(content)} bytes, which is no SML")
