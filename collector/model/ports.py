"""Draws the seams: what the rooms promise each other, so that service.py can put them together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from collector.model.event import Event
from collector.model.insight import Stored
from collector.model.reading import Reading, Sample
from collector.model.series import StoreStatus


class Ticker(Protocol):
    """The two clocks that never step; injected so that tests can run a day in a second."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary point, for deadlines and schedules."""
        ...

    def boot_ns(self) -> int:
        """CLOCK_BOOTTIME in ns: goes on during suspend, starts anew at boot; for stamps."""
        ...

    def sleep(self, seconds: float) -> None:
        """Waits; may return early."""
        ...


class Statistics(Protocol):
    """What happened between us and one meter since start."""

    @property
    def requests(self) -> int:
        """Requests sent."""
        ...

    @property
    def errors(self) -> Mapping[str, int]:
        """Failed requests by kind."""
        ...

    def response_ms(self) -> tuple[float, float] | None:
        """p50 and p99 of the first byte's delay, ms; None before the first answer."""
        ...


class Source(Protocol):
    """Speaks one protocol to one meter; owned by one line thread, never shared."""

    @property
    def statistics(self) -> Statistics:
        """What happened since start."""
        ...

    @property
    def meter(self) -> str:
        """Name of the meter in the configuration."""
        ...

    @property
    def periods(self) -> Mapping[str, float]:
        """Block name -> period in s of everything this source reads regularly."""
        ...

    def read(self, blocks: frozenset[str]) -> Sample:
        """Reads these blocks now. A block that fails is None and in `failed`, unless it is the meter or the line
        that is gone: then the first failure is raised (NoAnswer, LineError) and nothing else is asked."""
        ...

    def probe(self) -> None:
        """Sends the cheapest request there is; raises DeviceError if the meter is not back."""
        ...

    def close(self) -> None:
        """Lets go of what only this source holds."""
        ...


class Listener(Protocol):
    """Hears the meters of one line that speak by themselves; owned by one line thread, never shared."""

    @property
    def statistics(self) -> Mapping[str, Statistics]:
        """What happened since start, by meter; a telegram that was not believed is an error there."""
        ...

    @property
    def errors(self) -> Counter[str]:
        """What came and belongs to no meter of this line, by kind, since start."""
        ...

    def listen(self, seconds: float) -> Sequence[Sample]:
        """What was said, as soon as something was, within this time; raises LineError when the line is gone."""
        ...

    def close(self) -> None:
        """Closes the line; the next `listen` opens it again."""
        ...


class Schedule(Protocol):
    """Decides which meter of a line is read when: absolute slots, fair, missed slots skipped and counted."""

    def next_due(self) -> float:
        """Monotonic time of the earliest due slot of any meter."""
        ...

    def take(self, now: float) -> tuple[str, frozenset[str]] | None:
        """The meter to read now and its due blocks; None when nothing is due."""
        ...

    def done(self, meter: str, now: float, alive: bool) -> None:
        """Tells how the attempt ended: a dead meter backs off (cap 300 s), a living one returns to its slots."""
        ...

    def probing(self, meter: str) -> bool:
        """True when the next attempt at this meter begins with a probe."""
        ...

    def missed(self, meter: str) -> int:
        """Slots that could not be kept since start."""
        ...

    def next_try(self, meter: str, now: float) -> float | None:
        """Seconds until a silent meter is probed again; None while it is alive."""
        ...


class StoreWriter(Protocol):
    """The collector's side of the store: SELECT and INSERT, rollups; never DDL. Used by one thread."""

    def commit(self, readings: Sequence[Reading], *, catching_up: bool = False) -> int:
        """Stores readings in one transaction and returns how many were new.

        Idempotent: a reading that is there already is not stored again. A *different* reading at the same meter and
        millisecond moves to the next free millisecond, so that none is lost. Also in the transaction: `latest_value`,
        one `batch` row per meter, the rollups of closed and current minutes (or, `catching_up`, only their dirty
        marks) and the dirty marks of coarser buckets. Raises StoreDown, StoreRefused, SchemaOutdated.
        """
        ...

    def roll_up(self, limit: int = 500) -> int:
        """Recomputes at most `limit` dirty buckets whose time has come; returns how many are left."""
        ...

    def counters(self) -> Mapping[tuple[str, str], tuple[int, float]]:
        """(meter, quantity) -> (time UTC ms, value) of the last stored value of every counter."""
        ...

    def last_time(self) -> int | None:
        """UTC ms of the newest stored reading of all meters."""
        ...

    def add_event(self, event: Event) -> None:
        """Stores an event; the same event (time, kind, meter) twice is stored once."""
        ...

    def remember_boot(self, boot: str, shift_ms: int) -> int:
        """Stores the estimated shift (UTC ms = boot ms + shift) of a boot whose clock is unknown, once; returns the
        stored one, so that a replay stamps the same."""
        ...

    def correct_boot(self, boot: str, shift_ms: int, limit: int = 5000) -> int:
        """The boot's true shift is known: moves at most `limit` of its flagged rows (newest first), clears their flag,
        marks old and new buckets dirty; resumable; returns how many are left."""
        ...

    def close(self) -> None:
        """Closes the connection."""
        ...


class StoreReader(Stored, Protocol):
    """The page's side of the store: SELECT only. Safe to use from several threads."""

    def rows(self, meter: str, quantities: Sequence[str], start: int, end: int) -> Iterator[Reading]:
        """Every stored reading of [start, end) in order of time, streamed: never all in memory."""
        ...

    def events(self, limit: int = 100, before: int | None = None, *, page: bool = False) -> Sequence[Event]:
        """The newest events first: what happened to the logger, or (`page`) what people did at its page."""
        ...

    def status(self) -> StoreStatus:
        """Version, size, first and last reading, what is missing."""
        ...

    def close(self) -> None:
        """Closes the connections."""
        ...


class StoreMaintainer(Protocol):
    """The only one with DDL rights: migrations, columns, partitions, retention. Runs as a oneshot."""

    def migrate(self, columns: Mapping[str, Sequence[str]], now: int) -> Sequence[str]:
        """Applies pending migrations, meters, columns (meter -> quantities) and partitions; says what was applied."""
        ...

    def pending(self, columns: Mapping[str, Sequence[str]], now: int) -> Sequence[str]:
        """What `migrate` would do; read-only."""
        ...

    def retain(self, now: int, raw_days: int, minute_days: int) -> Sequence[str]:
        """Removes raw rows and minute rollups older than this (never anything not rolled up yet); says what went."""
        ...

    def close(self) -> None:
        """Closes the connection."""
        ...
