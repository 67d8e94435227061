"""Keeps every reading until the store has it: the batch in hand in RAM, what the store would not take on disk.

`append` is one write(2) into a file of the runtime directory: a reading whose append returned outlives the process. The
writer takes batches oldest first and says `done`; when the store is down, `keep` or `save` moves what is in RAM to the
state directory, compressed and synced. Who drops what at which bound: backlog.py (disk), `RAM_BYTES` (RAM).
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from collector.config.settings import SpoolSettings
from collector.errors import SpoolError
from collector.model.reading import Reading
from collector.model.status import SpoolStatus
from collector.pipeline.backlog import READINGS_PER_SEGMENT, Backlog, Segment
from collector.pipeline.hold import hold, make_folder
from collector.pipeline.live import LiveFile, leftovers, live_paths
from collector.pipeline.loud import Loud
from collector.pipeline.segment import decode

#: The folder of the spool within the runtime and the state directory.
FOLDER = "spool"
#: Neither store nor disk takes anything: this much waits in RAM (3 h of 10 meters at 1 Hz), then the oldest goes.
RAM_BYTES = 24_000_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings to be stored together. `replayed`: they waited on disk or for a new start of the collector."""

    readings: list[Reading]
    replayed: bool
    _origin: LiveFile | Segment = field(repr=False)


class Spool:
    """The durable waiting place. `append` from any thread, everything else from the one consumer."""

    def __init__(self, runtime: Path, state: Path, limits: SpoolSettings) -> None:
        """Takes both folders for itself and finds what an earlier process left; raises SpoolError or UsageError."""
        self._ram, self._disk = runtime / FOLDER, state / FOLDER
        self._loud = Loud(log)
        self._locks = self._take_folders(runtime, state)
        self._lock = threading.Lock()  # the batch in hand
        self._moving = threading.RLock()  # segments and closed live files
        self._backlog = Backlog(self._disk, limits)
        self._waiting: list[LiveFile] = []  # closed live files, oldest first
        self._current: LiveFile | None = None
        self._in_flight: LiveFile | None = None
        self._dropped = 0
        self._find_leftovers()
        known = {live.number for live in self._waiting} | self._backlog.numbers
        self._next = max(known, default=0) + 1

    def _take_folders(self, runtime: Path, state: Path) -> list[int]:
        for folder in (runtime, self._ram):
            make_folder(folder)
        locks = [hold(self._ram)]
        try:
            for folder in (state, self._disk):
                make_folder(folder)
            locks.append(hold(self._disk))
        except SpoolError as error:
            # A card that became read-only must not end the logging while the store (elsewhere) still takes readings.
            self._loud.error("state", "spool: no disk to keep readings on while the store is down: %s", error)
        except BaseException:
            os.close(locks[0])
            raise
        return locks

    def _find_leftovers(self) -> None:
        for folder in (self._ram, self._disk):
            for live, damaged in leftovers(folder):
                if damaged:
                    self._backlog.set_aside(live.path.stem, damaged)
                if live.count == 0 or live.number in self._backlog.numbers:
                    _unlink(live.path)
                else:
                    self._waiting.append(live)
        self._waiting.sort(key=lambda live: live.number)

    # -- the line threads' side

    def append(self, reading: Reading) -> None:
        """Keeps the reading: when this returns, a kill of the process does not lose it. SpoolError if nothing can."""
        with self._lock:
            try:
                self._write(reading, self._ram)
            except OSError:
                self._rescue(reading)
            if self._current is not None and self._current.count >= READINGS_PER_SEGMENT:
                self._close_current()
                self._bound_ram()

    def _write(self, reading: Reading, folder: Path) -> None:
        if self._current is None:
            self._current = LiveFile.create(folder, self._next)
            self._next += 1
        try:
            self._current.append(reading)
        except OSError:
            self._close_current()
            raise

    def _rescue(self, reading: Reading) -> None:
        """The RAM is full or gone: the batch goes on in the state directory, else the oldest in RAM is given up."""
        try:
            self._write(reading, self._disk)
            return
        except OSError as error:
            self._loud.error("append", "spool: neither %s nor %s takes readings: %s", self._ram, self._disk, error)
        self._give_up_oldest("there is no space")
        try:
            self._write(reading, self._ram)
        except OSError as error:
            self._dropped += 1
            raise SpoolError(
                f"{self._ram}: a reading was lost: {error.strerror}",
                "make space in this folder and in the state folder",
            ) from error

    def _close_current(self) -> None:
        """Nothing more is added to the batch in hand; it waits. Call with the lock."""
        live, self._current = self._current, None
        if live is None:
            return
        live.close()
        if live.count:
            self._waiting.append(live)
        else:
            _unlink(live.path)

    def _bound_ram(self) -> None:
        while sum(live.size for live in self._waiting) > RAM_BYTES and self._give_up_oldest("too much waits in RAM"):
            pass

    def _give_up_oldest(self, why: str) -> bool:
        for live in self._waiting:
            if live is not self._in_flight:
                self._waiting.remove(live)
                _unlink(live.path)
                self._dropped += live.count
                self._loud.error("dropped", "spool: %d readings given up: %s", live.count, why)
                return True
        return False

    # -- the writer's side

    def batches(self) -> Iterator[Batch]:
        """Everything that waits, oldest first: disk, what an earlier process left, then the batch in hand."""
        for segment in tuple(self._backlog.segments):
            with self._moving:
                readings = self._backlog.read(segment) if segment in self._backlog.segments else []
                if readings is None:
                    segment.sealed = False
                    return  # order: nothing overtakes it
                if not readings:
                    self._backlog.remove(segment)
            try:
                if readings:
                    yield Batch(readings, True, segment)
            finally:
                segment.sealed = False
        yield from self._live_batches()

    def _live_batches(self) -> Iterator[Batch]:
        with self._lock:
            self._close_current()
            waiting = tuple(self._waiting)
        for live in waiting:
            with self._lock:
                if live not in self._waiting:
                    continue
                self._in_flight = live
            try:
                if readings := self._read_live(live):
                    yield Batch(readings, live.replayed, live)
            finally:
                self._in_flight = None

    def _read_live(self, live: LiveFile) -> list[Reading]:
        """Its readings; a file that somebody took away is given up, one that cannot be read now is not."""
        try:
            return decode(live.records()).readings
        except OSError as error:
            self._loud.error("read", "spool: %s cannot be read: %s", live.path, error.strerror)
            if isinstance(error, FileNotFoundError):
                self._dropped += live.count
                self._forget(live)
            return []

    def done(self, batch: Batch) -> None:
        """The store has the batch: forget it."""
        with self._moving:
            if isinstance(batch._origin, Segment):
                self._backlog.remove(batch._origin)
            else:
                self._forget(batch._origin)

    def keep(self, batch: Batch) -> None:
        """The store does not take the batch: makes it, and what waits in RAM before and behind it, durable on disk."""
        with self._moving:
            if isinstance(batch._origin, Segment):
                batch._origin.sealed = False
            self._move()

    def save(self) -> None:
        """Moves everything in RAM to disk and syncs it; what does not fit stays in RAM."""
        with self._moving:
            with self._lock:
                self._close_current()
            self._move()

    def _move(self) -> None:
        with self._lock:
            waiting = tuple(self._waiting)
        for live in waiting:
            try:
                records = live.records()
            except OSError as error:
                self._loud.error("read", "spool: %s cannot be read: %s", live.path, error.strerror)
                break
            # Order: nothing overtakes a file that does not fit.
            if not self._backlog.add(live, records):
                break
            self._forget(live)
        with self._lock:
            self._bound_ram()

    def _forget(self, live: LiveFile) -> None:
        with self._lock:
            if live in self._waiting:
                self._waiting.remove(live)
        _unlink(live.path)

    def status(self) -> SpoolStatus:
        """How much waits where."""
        with self._lock:
            live = [*self._waiting, *([self._current] if self._current else [])]
            in_hand = sum(file.count for file in live)
            spans = [segment.span for segment in self._backlog.segments[:1]] + [file.span for file in live[:1]]
        backlog = self._backlog
        return SpoolStatus(
            in_hand=in_hand,
            on_disk=backlog.count,
            bytes_on_disk=backlog.size,
            oldest=next((span.first for span in spans), None),
            dropped=self._dropped + backlog.dropped,
            full=backlog.full and bool(in_hand or backlog.count),
        )

    def close(self) -> None:
        """Lets go of the folders; what waits stays where it is."""
        with self._lock:
            self._close_current()
        for descriptor in self._locks:
            os.close(descriptor)
        self._locks = []


def _unlink(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def read_live(runtime: Path) -> list[Reading]:
    """The readings in RAM, oldest first, for the page: read-only, next to a running collector or without one."""
    readings: list[Reading] = []
    for path in live_paths(runtime / FOLDER):
        with contextlib.suppress(OSError):
            readings += decode(path.read_bytes()).readings
    return readings
