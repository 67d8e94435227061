"""Reads SML's binary coding: type, length and value of every element (SML 1.04, section 6)."""

from __future__ import annotations

from dataclasses import dataclass

#: Lists within lists; a message has five levels.
DEEPEST = 12
#: Elements of one list.
MOST = 1024

_OCTETS, _BOOL, _INTEGER, _UNSIGNED, _LIST = 0, 4, 5, 6, 7


class SmlError(ValueError):
    """These bytes are no SML."""


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number; `size`: bytes; `signed`: its type has a sign."""

    value: int
    size: int
    signed: bool


#: Octet string, truth, number, list, or nothing (optional and left out).
Element = bytes | bool | Number | list["Element"] | None


class Reader:
    """Takes elements from bytes, one after the other. `at`: where the next one begins."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def end_of_message(self) -> bool:
        """Takes the 00 that ends a message; False, taking nothing, where something else stands."""
        if self.at < len(self.data) and self.data[self.at] == 0:
            self.at += 1
            return True
        return False

    def list_begins(self) -> int:
        """Takes the head of a list and returns how many elements it has; SmlError if there is none."""
        kind, count = self._head()
        if kind != _LIST or count > MOST:
            raise SmlError("a list was expected")
        return count

    def element(self, depth: int = 0) -> Element:
        """The next element, whole; raises SmlError."""
        begin = self.at
        kind, length = self._head()
        if kind == _LIST:
            if depth >= DEEPEST or length > MOST:
                raise SmlError("lists are nested too deep, or too long")
            return [self.element(depth + 1) for _ in range(length)]
        size = length - (self.at - begin)
        if size < 0 or self.at + size > len(self.data):
            raise SmlError("an element is longer than what is left")
        content = self.data[self.at : self.at + size]
        self.at += size
        return _value(kind, content)

    def _head(self) -> tuple[int, int]:
        """Type and length; a length may go over several bytes."""
        byte = self._byte()
        kind, length = byte >> 4 & 7, byte & 0x0F
        while byte & 0x80:
            byte = self._byte()
            if byte >> 4 & 7 or length > 0xFFF:
                raise SmlError("a length means nothing")
            length = length << 4 | byte & 0x0F
        return kind, length

    def _byte(self) -> int:
        if self.at >= len(self.data):
            raise SmlError("it ends too early")
        self.at += 1
        return self.data[self.at - 1]


def _value(kind: int, content: bytes) -> Element:
    if kind == _OCTETS:
        return content or None
    if kind == _BOOL and len(content) == 1:
        return content != b"\0"
    if kind in (_INTEGER, _UNSIGNED) and 1 <= len(content) <= 8:
        signed = kind == _INTEGER
        return Number(int.from_bytes(content, "big", signed=signed), len(content), signed)
    raise SmlError(f"type {kind} with {len(content)} bytes means nothing")
