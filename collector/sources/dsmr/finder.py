"""Finds P1 telegrams, plain and encrypted, in a stream of bytes (DSMR 5.0.2 P1, section 6.2: `/` to `!` and CRC)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collector.sources.dsmr.lock import TAG, Envelope, Lock, WrongKey, envelope, title
from collector.sources.dsmr.parity import MARKED, SLASH_WITH_PARITY, STRIP, STRIPPED_MARKED
from collector.sources.dsmr.telegram import Read, read
from collector.sources.pushed import Found
from collector.sources.telegram import Telegram

#: Bytes; the longest real one has 2 kB.
LONGEST = 16384
_SLASH, _BANG = b"/!"
_START = re.compile(rb"[/\xaf\xdb]")
#: Behind the last line: nothing, or up to four digits.
_TAIL = re.compile(rb"!(?:([0-9A-Fa-f]{4})|([0-9A-Fa-f]{0,3})\r?\n)")
_LONGEST_TAIL = 6
_CUT_TAIL = re.compile(rb"!([0-9A-Fa-f]{0,4})\r?")
_HEAD_OF_ENVELOPE = 14


class P1Finder:
    """Takes lumps and gives whole telegrams (implements Finder)."""

    def __init__(self, lock: Lock | None = None) -> None:
        """`lock` opens what is encrypted."""
        self._lock = lock
        self._buffer = bytearray()
        self._base = 0  #: index in the stream of the first byte in the buffer
        self._scan = 0  #: in the buffer: nothing of interest is before
        self._begun = False
        self._envelope: Envelope | None = None
        self.skipped = 0  #: bytes since start that belong to no telegram, ends of lines and zeros not counted

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
        """Forgets the telegram that has begun; whole it is where only the end of its last line was left out."""
        if self._begun:
            tail = _CUT_TAIL.fullmatch(self._plain(self._scan, len(self._buffer)))
            if tail and not self._envelope:
                yield self._whole(self._scan, tail[1])
            else:
                yield self._bad(len(self._buffer), why, "gap")
        self._forget(len(self._buffer))

    def _step(self) -> tuple[Found, ...] | None:
        """One step through the buffer; None when more bytes are needed."""
        if not self._begun:
            return self._seek()
        if self._envelope:
            return self._sealed(self._envelope)
        return self._text()

    def _text(self) -> tuple[Found, ...] | None:
        parity = self._buffer[0] == SLASH_WITH_PARITY
        mark = (STRIPPED_MARKED if parity else MARKED).search(self._buffer, self._scan)
        self._scan = mark.start() if mark else len(self._buffer)
        if self._scan > LONGEST:
            return self._end_badly(self._scan, "it does not end", "length")
        if mark is None:
            return None
        found = self._buffer[self._scan]
        if found == _BANG:
            return self._ending()
        if found in (_SLASH, SLASH_WITH_PARITY):
            return self._end_badly(self._scan, "another one begins before its end", "cut")
        return self._end_badly(self._scan, f"byte {found:02X} in it is no text", "noise")

    def _seek(self) -> tuple[Found, ...] | None:
        start = _START.search(self._buffer)
        self._skip(start.start() if start else len(self._buffer))
        if start is None:
            return None
        if self._buffer[0] == TAG:
            if len(self._buffer) < _HEAD_OF_ENVELOPE:
                return None
            self._envelope = envelope(bytes(self._buffer[:_HEAD_OF_ENVELOPE]))
            if self._envelope is None:
                self._skip(1)
                return ()
        self._begun, self._scan = True, 1
        return ()

    def _ending(self) -> tuple[Found, ...] | None:
        behind = self._plain(self._scan, self._scan + _LONGEST_TAIL)
        tail = _TAIL.match(behind)
        if tail is None:
            if len(behind) < _LONGEST_TAIL and _CUT_TAIL.fullmatch(behind):
                return None
            return self._end_badly(self._scan + 1, "what follows its end is no check sum", "crc")
        found = self._whole(self._scan, tail[1] or tail[2])
        self._forget(self._scan + tail.end())
        return (found,)

    def _whole(self, bang: int, digits: bytes) -> Found:
        return self._found(read(self._plain(0, bang + 1), digits.decode()))

    def _sealed(self, layout: Envelope) -> tuple[Found, ...] | None:
        if len(self._buffer) < layout.length:
            return None
        found = self._found(self._opened(bytes(self._buffer[: layout.length]), layout))
        self._forget(layout.length)
        return (found,)

    def _opened(self, raw: bytes, layout: Envelope) -> Read:
        meter = title(raw)
        if self._lock is None:
            return _closed(meter, "it is encrypted, and no key is configured", "no_key")
        try:
            inner = P1Finder()
            text = self._lock.opened(raw, layout)
            found = next((one for part in (inner.feed(text), inner.drop("it ends")) for one in part), None)
        except WrongKey as error:
            return _closed(meter, str(error), "key")
        if found is None:
            return _closed(meter, "it opens, but holds no telegram", "structure")
        return Read(found.telegram, found.reason, found.serial or meter)

    def _plain(self, start: int, end: int) -> bytes:
        part = bytes(self._buffer[start:end])
        return part.translate(STRIP) if self._buffer[0] == SLASH_WITH_PARITY else part

    def _found(self, whole: Read) -> Found:
        return Found(self._base, whole.telegram, whole.reason, whole.serial)

    def _end_badly(self, length: int, why: str, reason: str) -> tuple[Found, ...]:
        found = self._bad(length, why, reason)
        self._forget(length)
        return (found,)

    def _bad(self, length: int, why: str, reason: str) -> Found:
        text = f"a telegram of which {length} bytes came: {why}"
        return Found(self._base, Telegram("", complete=False, problems=(text,)), reason)

    def _skip(self, count: int) -> None:
        self.skipped += sum(byte not in b"\r\n\0" for byte in self._buffer[:count])
        self._drop_bytes(count)

    def _forget(self, count: int) -> None:
        """The telegram is over; what follows is looked through for the next."""
        self._begun, self._envelope = False, None
        self._drop_bytes(count)

    def _drop_bytes(self, count: int) -> None:
        del self._buffer[:count]
        self._base += count
        self._scan = 0


def _closed(meter: str, problem: str, reason: str) -> Read:
    return Read(Telegram(f"encrypted, {meter}", complete=False, problems=(problem,)), reason, meter)
