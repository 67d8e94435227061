"""Finds SML telegrams in a stream of bytes (BSI TR-03109-1 annex IV, section 8: transport protocol version 1)."""

from __future__ import annotations

from collections.abc import Iterator

from collector.sources.pushed import Found
from collector.sources.sml.telegram import read
from collector.sources.telegram import Telegram

ESCAPE = b"\x1b" * 4
START = ESCAPE + b"\x01" * 4
_END = 0x1A
#: Bytes; the longest real one has 1.5 kB.
LONGEST = 16384


class SmlFinder:
    """Takes lumps and gives whole telegrams (implements Finder)."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._base = 0  #: index in the stream of the first byte in the buffer
        self._scan = 0  #: in the buffer: no escape begins before
        self._begun = False
        self.skipped = 0  #: bytes since start that belong to no telegram, zeros between telegrams not counted

    @property
    def begun(self) -> bool:
        """True while a telegram has begun and is not over."""
        return self._begun

    def feed(self, data: bytes) -> Iterator[Found]:
        """Every telegram that is over with these bytes."""
        for at in range(0, len(data), LONGEST):
            self._buffer += data[at : at + LONGEST]
            while (found := self._step()) is not None:
                yield from found

    def drop(self, why: str) -> Iterator[Found]:
        """Forgets the telegram that has begun."""
        if self._begun:
            yield self._bad(len(self._buffer), why, "gap")
        self._forget(len(self._buffer))
        self._begun = False

    def _step(self) -> tuple[Found, ...] | None:
        """One step through the buffer; None when more bytes are needed."""
        if not self._begun:
            return self._seek()
        at = self._buffer.find(ESCAPE, self._scan)
        if at < 0 or at + 8 > len(self._buffer):
            self._scan = at if at >= 0 else max(8, len(self._buffer) - 3)
            if len(self._buffer) <= LONGEST:
                return None
            found = (self._bad(len(self._buffer), "it does not end", "length"),)
            self._forget(8)
            return found
        return self._escape(at)

    def _seek(self) -> tuple[Found, ...] | None:
        at = self._buffer.find(START)
        self._skip(at if at >= 0 else max(0, len(self._buffer) - len(START) + 1))
        if at < 0:
            return None
        self._begun, self._scan = True, len(START)
        return ()

    def _escape(self, at: int) -> tuple[Found, ...]:
        meaning = self._buffer[at + 4 : at + 8]
        if meaning == START[4:]:
            found = (self._bad(at, "another one begins before its end", "cut"),)
            self._forget(at)
            return found
        if meaning[0] == _END:
            raw = bytes(self._buffer[: at + 8])
            whole = read(raw)
            found = (Found(self._base, whole.telegram, whole.reason, whole.serial),)
            self._forget(at + 8)
            return found
        # Doubled: the data has an escape of its own. Anything else is data too; its check sum will tell.
        self._scan = at + (8 if meaning == ESCAPE else 1)
        return ()

    def _bad(self, length: int, why: str, reason: str) -> Found:
        text = f"a telegram of which {length} bytes came: {why}"
        return Found(self._base, Telegram("", complete=False, problems=(text,)), reason)

    def _skip(self, count: int) -> None:
        self.skipped += count - self._buffer.count(0, 0, count)
        self._drop_bytes(count)

    def _forget(self, count: int) -> None:
        """The telegram is over; what follows is looked through for the next."""
        self._begun = False
        self._drop_bytes(count)

    def _drop_bytes(self, count: int) -> None:
        del self._buffer[:count]
        self._base += count
        self._scan = 0
