"""Reads the type-length fields of SML (BSI TR-03109-1 annex IV, section 6.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

#: Nesting of real telegrams is 7.
DEEPEST = 16
#: Digits of 4 bits in a length field: far more than a telegram is long.
_LONGEST_FIELD = 4
#: Type bits of the first byte.
_OCTETS, _BOOLEAN, _INTEGER, _UNSIGNED, _LIST = 0, 4, 5, 6, 7

Node: TypeAlias = "bytes | bool | Number | list[Node] | None"


class BadStructure(ValueError):
    """The bytes are no SML: says where."""


@dataclass(frozen=True, slots=True)
class Number:
    """An integer and how it was coded. `width`: bytes."""

    value: int
    signed: bool
    width: int


class Reader:
    """Reads one element after the other from `data`; `at` is where the next begins."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def more(self) -> bool:
        """True while there is something other than the zeros that fill up."""
        return self.data.count(0, self.at) < len(self.data) - self.at

    def end_of_message(self) -> bool:
        """Takes the end mark of a message if it is the next byte."""
        found = self.at < len(self.data) and self.data[self.at] == 0
        self.at += found
        return found

    def list_header(self) -> int:
        """Takes the head of a list and gives the number of its elements."""
        kind, length, _ = self._head()
        if kind != _LIST:
            raise BadStructure(f"byte {self.at}: no list where one must be")
        return length

    def node(self, depth: int = 0) -> Node:
        """Takes one element with everything in it; an optional one that is left out is None."""
        began = self.at
        kind, length, head = self._head()
        if kind == _LIST:
            if depth >= DEEPEST:
                raise BadStructure(f"byte {began}: lists within lists without end")
            if length > len(self.data) - self.at:
                raise BadStructure(f"byte {began}: a list of {length} elements, but only few bytes follow")
            return [self.node(depth + 1) for _ in range(length)]
        size = length - head
        if size < 0 or size > len(self.data) - self.at:
            raise BadStructure(f"byte {began}: an element of {length} bytes does not fit")
        content = self.data[self.at : self.at + size]
        self.at += size
        return _value(kind, content, began)

    def _head(self) -> tuple[int, int, int]:
        """Type, length (lists: elements, else bytes with the head) and bytes of the head itself."""
        began, length = self.at, 0
        for count in range(1, _LONGEST_FIELD + 1):
            if self.at >= len(self.data):
                raise BadStructure(f"byte {began}: the telegram ends within an element")
            byte = self.data[self.at]
            if count > 1 and byte & 0x70:
                raise BadStructure(f"byte {self.at}: a length that goes on must not change the type")
            self.at += 1
            length = length << 4 | byte & 0x0F
            if not byte & 0x80:
                return (self.data[began] & 0x70) >> 4, length, count
        raise BadStructure(f"byte {began}: a length without end")


def _value(kind: int, content: bytes, began: int) -> Node:
    if kind == _OCTETS:
        return content or None
    if kind in (_INTEGER, _UNSIGNED) and 1 <= len(content) <= 8:
        signed = kind == _INTEGER
        return Number(int.from_bytes(content, "big", signed=signed), signed, len(content))
    if kind == _BOOLEAN and len(content) == 1:
        return content != b"\0"
    raise BadStructure(f"byte {began}: type {kind} of {len(content)} bytes is not known")
