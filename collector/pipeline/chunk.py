"""Codes what goes to disk: chunks of compressed records behind a header that says what they hold.

A chunk is written and synced as a whole; several follow each other in one segment file. Header, little-endian: magic,
number of the live file it came from, readings, bytes, bytes when expanded, CRC-32 of the bytes, first and last time
(UTC ms, or the smallest int64 when unknown), CRC-32 of the header.
"""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from collector.pipeline.live import LiveFile

_HEADER = struct.Struct("<4sQIIIIqq")
_CHECK = struct.Struct("<I")
_MAGIC = b"PLC1"
_UNKNOWN = -(1 << 63)
HEADER_SIZE = _HEADER.size + _CHECK.size

#: The card's life counts, not the last percent: level 1 is several times faster than 6 and nearly as small.
_LEVEL = 1


class Damage(Exception):
    """The bytes are not what was written."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Where a chunk lies in its segment and what its header says."""

    offset: int  #: of the header
    number: int  #: of the live file
    count: int
    size: int
    expanded: int
    crc: int
    first: int | None
    last: int | None

    @property
    def end(self) -> int:
        """Offset of what follows."""
        return self.offset + HEADER_SIZE + self.size


def encode(live: LiveFile, records: bytes) -> bytes:
    """A chunk with everything that the live file holds."""
    body = zlib.compress(records, _LEVEL)
    first, last = (_UNKNOWN if time is None else time for time in (live.span.first, live.span.last))
    front = _HEADER.pack(_MAGIC, live.number, live.count, len(body), len(records), zlib.crc32(body), first, last)
    return front + _CHECK.pack(zlib.crc32(front)) + body


def header(data: bytes, offset: int = 0) -> Chunk:
    """The chunk whose header these bytes begin with; raises Damage."""
    packed = data[: _HEADER.size]
    magic, number, count, size, expanded, crc, first, last = _HEADER.unpack(packed)
    if magic != _MAGIC or _CHECK.unpack_from(data, _HEADER.size)[0] != zlib.crc32(packed):
        raise Damage("not the header of a chunk")
    times = (None if time == _UNKNOWN else time for time in (first, last))
    return Chunk(offset, number, count, size, expanded, crc, *times)


def scan(file: BinaryIO) -> tuple[list[Chunk], bool]:
    """The whole chunks of a segment by their headers alone, and whether damage follows them (not just a torn tail)."""
    end = file.seek(0, os.SEEK_END)
    chunks: list[Chunk] = []
    offset = 0
    while end - offset >= HEADER_SIZE:
        file.seek(offset)
        try:
            chunk = header(file.read(HEADER_SIZE), offset)
        except Damage:
            file.seek(offset)
            return chunks, any(file.read())
        if chunk.end > end:
            return chunks, False
        chunks.append(chunk)
        offset = chunk.end
    return chunks, False


def records_of(chunk: Chunk, body: bytes) -> bytes:
    """The records in a chunk; raises Damage."""
    if len(body) != chunk.size or zlib.crc32(body) != chunk.crc:
        raise Damage("a chunk whose checksum is wrong")
    try:
        # Bounded: a header cannot make us expand more than it promises.
        return zlib.decompressobj().decompress(body, chunk.expanded)
    except zlib.error as error:
        raise Damage(str(error)) from error
