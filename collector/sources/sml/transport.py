"""Finds the telegrams of SML transport protocol version 1 in a stream of bytes (SML 1.04, section 8.1).

A telegram begins with an escape sequence and 01 01 01 01, and ends with one and 1A, the number of padding bytes, and
the CRC-16/X.25 of everything before it. Four bytes 1B in the middle are sent twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from collector.sources.sml.crc import kermit, x25

_ESCAPE = b"\x1b\x1b\x1b\x1b"
_BEGIN = b"\x01\x01\x01\x01"
_START = _ESCAPE + _BEGIN
_END = 0x1A
#: Longer telegrams are noise: a meter on an optical port sends less than 2 KiB.
MOST_BYTES = 32768
#: What is fed is worked through in parts of this size, so that nothing long is ever moved.
_PART = 4096


@dataclass(frozen=True, slots=True)
class Frame:
    """What stood between a start and an end. `start`: its first byte, counted from the beginning of the stream.

    `payload`: the messages, None if `problem` says why nothing is to be believed. `fragment`: its end or its beginning
    did not arrive. `reason`: one word for `problem`. `kermit`: its CRC is right by CRC-16/KERMIT only; for makers who
    do not compute it so, `problem` holds.
    """

    start: int
    payload: bytes | None = None
    problem: str = ""
    reason: str = ""
    fragment: bool = False
    kermit: bool = False


class FrameReader:
    """Takes a stream in pieces of any size. Memory is bounded; the work is linear in what is fed."""

    def __init__(self) -> None:
        self._heard = bytearray()
        self._offset = 0  #: of the first byte of `_heard` in the stream
        self._at = 0  #: how far `_heard` is understood
        self._inside = False
        self._payload = bytearray()
        self._lost = 0  #: bytes since the last telegram that belong to none

    @property
    def waiting(self) -> bool:
        """True while it holds something that only more bytes, or a pause, explain."""
        return bool(self._heard) or self._lost > 0

    @property
    def begun(self) -> int:
        """The earliest byte of the stream at which a telegram that is still to come may begin."""
        return self._offset

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Every telegram that ends in this piece, whole or not, and what stood between them."""
        for begin in range(0, len(data), _PART):
            self._heard += data[begin : begin + _PART]
            while (found := self._inner() if self._inside else self._outer()) is not None:
                yield from found

    def finish(self) -> Iterator[Frame]:
        """Nothing follows, or a pause was too long: what is left will never be whole. Begins anew."""
        self._lost += 0 if self._inside else len(self._heard)
        yield from self._between()
        if self._inside:
            yield Frame(self._offset, None, "its end is missing", "cut", fragment=True)
        self._forget(len(self._heard))

    def _outer(self) -> list[Frame] | None:
        """Looks for the next start; None when there is none yet."""
        at = self._heard.find(_START)
        if at < 0:
            self._skip(max(0, len(self._heard) - len(_START) + 1))
            return None
        self._skip(at)
        self._inside, self._at = True, len(_START)
        return self._between()

    def _inner(self) -> list[Frame] | None:
        """One step through a telegram, up to behind the next escape sequence; None when more must come."""
        at = self._heard.find(_ESCAPE, self._at)
        if at < 0 or len(self._heard) < at + 8:
            known = max(self._at, len(self._heard) - 3) if at < 0 else at
            self._payload += self._heard[self._at : known]
            self._at = known
            return self._too_long() if len(self._payload) > MOST_BYTES else None
        self._payload += self._heard[self._at : at]
        self._at = at
        return self._escaped(bytes(self._heard[at + 4 : at + 8]))

    def _escaped(self, what: bytes) -> list[Frame]:
        if what == _ESCAPE:
            self._payload += _ESCAPE
            self._at += 8
        elif what[0] == 0x1B and what.lstrip(b"\x1b")[0] in (_END, 0x01):
            # The run of 1B is longer than four: its first ones belong to the payload.
            self._payload.append(0x1B)
            self._at += 1
        elif what == _BEGIN:
            cut = Frame(self._offset, None, "its end is missing: another one begins in it", "cut")
            self._forget(self._at)
            return [cut]
        elif what[0] == _END:
            return [self._ended(what[1], int.from_bytes(what[2:], "little"))]
        else:
            broken = Frame(self._offset, None, f"an unknown escape sequence stands in it: {what.hex()}", "escape")
            self._forget(self._at + 4)
            return [broken]
        return self._too_long() if len(self._payload) > MOST_BYTES else []

    def _ended(self, padding: int, stated: int) -> Frame:
        start, payload = self._offset, bytes(self._payload)
        checked = bytes(self._heard[: self._at + 6])
        self._forget(self._at + 8)
        if padding > 3 or padding > len(payload):
            return Frame(start, None, f"{padding} padding bytes are impossible", "padding")
        payload = payload[: len(payload) - padding]
        computed = x25(checked)
        if computed == stated:
            return Frame(start, payload)
        problem = f"wrong CRC: {computed:04X} computed, {stated:04X} stands there"
        if kermit(checked) == stated:
            return Frame(start, payload, problem, "crc", kermit=True)
        return Frame(start, None, problem, "crc")

    def _too_long(self) -> list[Frame]:
        endless = Frame(self._offset, None, f"it has no end within {MOST_BYTES} bytes", "length")
        self._forget(self._at)
        return [endless]

    def _between(self) -> list[Frame]:
        """What was passed over between two telegrams."""
        lost, self._lost = self._lost, 0
        problem = f"{lost} bytes are part of no telegram"
        return [Frame(self._offset - lost, None, problem, "fragment", fragment=True)] if lost else []

    def _skip(self, count: int) -> None:
        del self._heard[:count]
        self._offset += count
        self._lost += count

    def _forget(self, count: int) -> None:
        """Leaves the telegram; what follows these bytes may begin another."""
        del self._heard[:count]
        self._offset += count
        self._at = 0
        self._inside = False
        self._payload.clear()


def frames(data: bytes) -> Iterator[Frame]:
    """Every telegram in these bytes, in order, with the fragments between them."""
    reader = FrameReader()
    yield from reader.feed(data)
    yield from reader.finish()
