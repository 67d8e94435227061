"""Keeps readings on disk while the store is down: synced segments, bounded in size, age and by the disk's free space.

At a bound the newest readings win: the oldest segment is given up, counted and said aloud. A village that is cut off
for a year is better served by the last months than by the first ones, and counters bridge what is lost.
A disk that is full or read-only is no reason to stop: what does not fit stays in RAM (see spool.py).
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
from dataclasses import dataclass, field
from pathlib import Path

from collector.config.settings import SpoolSettings
from collector.model.reading import Reading
from collector.pipeline import chunk as chunks_of
from collector.pipeline.chunk import Chunk, Damage
from collector.pipeline.live import LiveFile, Span
from collector.pipeline.loud import Loud
from collector.pipeline.segment import decode

_SUFFIX = ".segment"
#: A segment is one batch when it is replayed: small enough to hold in memory, large enough for a fast transaction.
READINGS_PER_SEGMENT = 5000
#: Files with damaged bytes that are kept for a person to look at.
CORRUPT_FILES = 5

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Segment:
    """One file of chunks. `sealed`: it is being replayed, nothing is added any more."""

    path: Path
    size: int = 0  #: bytes of whole chunks
    count: int = 0  #: readings
    span: Span = field(default_factory=Span)
    sealed: bool = False

    def grow(self, chunk: Chunk) -> None:
        """Takes a chunk into account that was written at the end."""
        self.size += chunks_of.HEADER_SIZE + chunk.size
        self.count += chunk.count
        self.span.add(chunk.first, chunk.last)


class Backlog:
    """The segments of one folder, oldest first. Not thread safe: the spool takes care of that."""

    def __init__(self, folder: Path, limits: SpoolSettings) -> None:
        """Finds what waits there. A folder that cannot be read is like an empty one: `add` will say why."""
        self._folder = folder
        self._limits = limits
        self._loud = Loud(log)
        self.segments: list[Segment] = []
        self.size = 0
        self.count = 0
        self.dropped = 0
        self.full = False
        #: The numbers of the live files that were found here at start.
        self.numbers: set[int] = set()
        with contextlib.suppress(OSError):
            for path in sorted(path for path in folder.glob(f"*{_SUFFIX}") if path.stem.isdigit()):
                self._find(path)
        self._next = max((int(segment.path.stem) for segment in self.segments), default=0) + 1

    def _find(self, path: Path) -> None:
        segment = Segment(path)
        with path.open("rb") as file:
            chunks, damaged = chunks_of.scan(file)
            for chunk in chunks:
                segment.grow(chunk)
                self.numbers.add(chunk.number)
            if damaged:
                file.seek(segment.size)
                self.set_aside(path.stem, file.read())
        if chunks:
            self._account(segment)
        else:
            path.unlink(missing_ok=True)

    def _account(self, segment: Segment) -> None:
        self.segments.append(segment)
        self.size += segment.size
        self.count += segment.count

    def set_aside(self, name: str, data: bytes) -> None:
        """Keeps damaged bytes for a person to look at, the newest few; nobody reads them again."""
        self._loud.error("damage", "spool: %s is damaged: %d bytes set aside as %s.corrupt", name, len(data), name)
        with contextlib.suppress(OSError):
            (self._folder / f"{name}.corrupt").write_bytes(data)
            corrupt = sorted(self._folder.glob("*.corrupt"), key=lambda path: path.stat().st_mtime)
            for path in corrupt[:-CORRUPT_FILES]:
                path.unlink(missing_ok=True)

    def read(self, segment: Segment) -> list[Reading] | None:
        """The readings of a segment in order; damaged chunks are set aside and counted, the others used.

        None if the file cannot be read now: that may pass, and it is not given up for it.
        """
        segment.sealed = True
        readings: list[Reading] = []
        try:
            data = segment.path.read_bytes()
        except OSError as error:
            self._loud.error("read", "spool: %s cannot be read: %s", segment.path, error.strerror)
            if not isinstance(error, FileNotFoundError):
                return None
            self.dropped += segment.count
            return []
        for chunk in chunks_of.scan(io.BytesIO(data[: segment.size]))[0]:
            body = data[chunk.offset + chunks_of.HEADER_SIZE : chunk.end]
            try:
                decoded = decode(chunks_of.records_of(chunk, body))
            except Damage:
                self.dropped += chunk.count
                self.set_aside(f"{segment.path.stem}-{chunk.offset}", data[chunk.offset : chunk.end])
                continue
            readings += decoded.readings
        return readings

    def remove(self, segment: Segment) -> None:
        """The segment is stored, or given up."""
        if segment in self.segments:
            self.segments.remove(segment)
            self.size -= segment.size
            self.count -= segment.count
        with contextlib.suppress(OSError):
            segment.path.unlink(missing_ok=True)

    def add(self, live: LiveFile, records: bytes) -> bool:
        """Makes a live file durable, giving up old segments where a bound demands it; False if it does not fit."""
        data = chunks_of.encode(live, records)
        self._give_up_aged(live.span.last)
        before = self.dropped
        while not self._fits(len(data)):
            if not self._give_up_oldest("its bound is reached"):
                self.full = True
                return False
        while (error := self._write(data)) is not None:
            full = error.errno in (28, 122)  # ENOSPC, EDQUOT
            if not full or not self._give_up_oldest("the disk is full"):
                self.full = True
                self._loud.error("write", "spool: %s cannot be written: %s", self._folder, error.strerror)
                return False
        # At the bound it stays said until a tenth is free again.
        self.full = self.dropped > before or (self.full and self.size > 0.9 * self._limits.max_bytes)
        return True

    def _fits(self, size: int) -> bool:
        if self.size + size > self._limits.max_bytes:
            return False
        try:
            disk = os.statvfs(self._folder)
        except OSError:
            return True  # the write will say what is wrong
        if disk.f_bavail * disk.f_frsize - size >= self._limits.min_free_bytes:
            return True
        self._loud.error("floor", "spool: the disk of %s is nearly full", self._folder)
        return False

    def _give_up_aged(self, newest: int | None) -> None:
        """Age is told by the readings' own times: the system clock may know nothing."""
        while newest is not None and self.segments:
            last = self.segments[0].span.last
            if last is None or newest - last <= self._limits.max_age * 1000:
                return
            if not self._give_up_oldest("it is too old"):
                return

    def _give_up_oldest(self, why: str) -> bool:
        """Removes the oldest segment that is not being replayed; False if there is none."""
        oldest = next((segment for segment in self.segments if not segment.sealed), None)
        if oldest is None:
            return False
        self.dropped += oldest.count
        self._loud.error("dropped", "spool: %d readings given up (%s); %d since start", oldest.count, why, self.dropped)
        self.remove(oldest)
        return True

    def _target(self, count: int) -> Segment:
        last = self.segments[-1] if self.segments else None
        if last and not last.sealed and last.count + count <= READINGS_PER_SEGMENT:
            return last
        return Segment(self._folder / f"{self._next:012d}{_SUFFIX}")

    def _write(self, data: bytes) -> OSError | None:
        """Appends a chunk and syncs it; a failed write leaves the segment as it was."""
        chunk = chunks_of.header(data)
        segment = self._target(chunk.count)
        offset = segment.size
        try:
            _write_synced(segment.path, offset, data)
        except OSError as error:
            if offset == 0:
                with contextlib.suppress(OSError):
                    segment.path.unlink(missing_ok=True)
            return error
        if offset == 0:
            self.segments.append(segment)
            self._next += 1
        segment.grow(chunk)
        self.size += len(data)
        self.count += chunk.count
        return None


def _write_synced(path: Path, offset: int, data: bytes) -> None:
    """Writes data at the offset, cutting off what a failed write left there, and syncs file and, if new, folder."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        os.ftruncate(descriptor, offset)
        written = 0
        while written < len(data):
            written += os.pwrite(descriptor, data[written:], offset + written)
        os.fsync(descriptor)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, offset)
        raise
    finally:
        os.close(descriptor)
    if offset == 0:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
