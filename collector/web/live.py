"""Keeps the newest value of every quantity: the uncommitted batch of the collector over what the store has."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from collector.errors import StoreError
from collector.model.ports import StoreReader
from collector.model.reading import Flag, Reading
from collector.model.series import Latest
from collector.model.status import STATUS_FILE, CollectorStatus
from collector.web.access import StoreAccess

#: The running collector rewrites its status every second; older than this (s) means that it does not run.
STATUS_FRESH = 15.0
#: The store's newest values are asked again after this time (s), or as soon as the collector has committed.
LATEST_EVERY = 10.0
#: Several viewers within this time (s) share one look at the batch.
LOOK_EVERY = 0.2
#: A value this far ahead (ms) was stamped by a clock that has been put back since: whatever comes now replaces it.
AHEAD = 5000


NO_FLAG = Flag(0)


@dataclass(frozen=True, slots=True)
class Value:
    """The newest word on one quantity. `value` None: it was due and is missing; `flags` then tell why."""

    value: float | None
    time: int
    flags: Flag = NO_FLAG


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that is true now. `now`: UTC ms of the site's clock. `mark` changes when anything else does."""

    now: int
    status: CollectorStatus | None
    values: Mapping[str, Mapping[str, Value]]
    problem: StoreError | None
    mark: str

    def newest(self, meter: str) -> int | None:
        """UTC ms of this meter's newest value, present or missing."""
        return max((value.time for value in self.values.get(meter, {}).values()), default=None)


class Live:
    """Looks at the runtime directory and the store, as seldom as it can; safe to use from several threads."""

    def __init__(
        self, runtime: Path, access: StoreAccess[StoreReader], read_live: Callable[[Path], Sequence[Reading]]
    ) -> None:
        self._runtime = runtime
        self._access = access
        self._read_live = read_live
        self._lock = threading.Lock()
        self._values: dict[str, dict[str, Value]] = {}
        self._seen: tuple[object, ...] = ()
        self._last: dict[str, tuple[str | None, int]] = {}
        self._looked = self._asked = float("-inf")
        self._committed: int | None = None
        self._status: CollectorStatus | None = None
        self._problem: StoreError | None = None
        self._changes = 0

    def snapshot(self) -> Snapshot:
        """The newest values; never raises: a store that is down is told in `problem`."""
        with self._lock:
            moment = time.monotonic()
            if moment - self._looked >= LOOK_EVERY:
                self._looked = moment
                self._look()
                self._ask(moment)
            values = {meter: dict(found) for meter, found in self._values.items()}
            return Snapshot(self._now(), self._status, values, self._problem, self._mark())

    def _now(self) -> int:
        offset = (self._status.clock.offset_ms if self._status else None) or 0.0
        return int(time.time() * 1000 + offset)

    def _mark(self) -> str:
        state = (self._changes, self._status is None, str(self._problem), os.getpid())
        return hashlib.sha256(repr(state).encode()).hexdigest()[:16]

    def _look(self) -> None:
        seen = _fingerprint(self._runtime)
        if seen != self._seen:
            self._seen = seen
            self._changes += 1
            self._merge(self._read_live(self._runtime))
        status = _status(self._runtime / STATUS_FILE)
        self._changes += (status is None) != (self._status is None)
        self._status = status

    def _ask(self, moment: float) -> None:
        committed = self._status.writer.last_commit if self._status else None
        if moment - self._asked < LATEST_EVERY and committed == self._committed and not self._problem:
            return
        self._asked, self._committed = moment, committed
        try:
            self._merge_latest(self._access.ask(lambda store: store.latest()))
            self._problem = None
        except StoreError as problem:
            self._problem = problem

    def _merge_latest(self, rows: Iterable[Latest]) -> None:
        for row in rows:
            self._keep(row.meter, row.quantity, Value(row.value, row.time))

    def _merge(self, readings: Sequence[Reading]) -> None:
        for reading in self._unseen(readings):
            timed = _timed(reading)
            if timed:
                at, flags = timed
                for quantity, value in reading.values.items():
                    self._keep(reading.meter, quantity, Value(value, at, flags))

    def _unseen(self, readings: Sequence[Reading]) -> list[Reading]:
        """The readings that came since the last look, oldest first."""
        fresh: list[Reading] = []
        met: set[str] = set()
        for reading in reversed(readings):
            if self._last.get(reading.meter) == (reading.boot, reading.time):
                met.add(reading.meter)
            elif reading.meter not in met:
                fresh.append(reading)
        fresh.reverse()
        self._last |= {reading.meter: (reading.boot, reading.time) for reading in fresh}
        return fresh

    def _keep(self, meter: str, quantity: str, value: Value) -> None:
        known = self._values.setdefault(meter, {})
        old, limit = known.get(quantity), self._now() + AHEAD
        if old is None or old.time < value.time <= limit or limit < old.time != value.time:
            known[quantity] = value
            self._changes += 1


def _fingerprint(folder: Path) -> tuple[object, ...]:
    """Changes whenever a file in the folder or in a folder of it is written."""
    found: list[object] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                stat = entry.stat()
                found.append((entry.name, stat.st_mtime_ns, stat.st_size))
                if entry.is_dir():
                    found.append(_fingerprint(Path(entry.path)))
    except OSError:
        return tuple(found)
    return tuple(found)


def _status(path: Path) -> CollectorStatus | None:
    """What the collector says of itself; None when it does not run (by the file's age, no clock of ours is needed)."""
    try:
        if time.time() - path.stat().st_mtime > STATUS_FRESH:
            return None
        return CollectorStatus.from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _timed(reading: Reading) -> tuple[int, Flag] | None:
    """(UTC ms, flags); a reading from before the clock was known gets its age by the clock that runs since boot."""
    if reading.boot is None:
        return reading.time, reading.flags
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None
    if boot != reading.boot:
        return None
    age = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000 - reading.time
    return int(time.time() * 1000) - age, reading.flags | Flag.TIME_ESTIMATED
