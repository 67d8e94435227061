"""Brings readings from the spool into the store: one thread, one transaction every `commit_every`.

When the store is down, or the time of day not known yet, readings wait in the spool; nothing is lost, nothing doubles.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from collector.errors import SchemaOutdated, StoreDown, StoreError
from collector.model.event import Event
from collector.model.ports import StoreWriter, Ticker
from collector.model.reading import Reading
from collector.model.status import WriterStatus
from collector.pipeline.clock import SiteClock
from collector.pipeline.spool import Batch, Spool
from collector.service.boottime import BootTimes

log = logging.getLogger(__name__)

#: While the store is down it is asked again this often (s), or every `commit_every` if that is shorter.
RETRY = 10.0
#: The first readings of a start are stored after so long (s) already: somebody may stand there and wait for them.
FIRST_COMMIT = 10.0
#: A backlog of at least this many readings is stored without its minute rollups; they follow from their dirty marks.
CATCHING_UP = 2000
#: Events that wait for a store are kept up to this number; they are in the journal too.
MOST_EVENTS = 1000
#: At the end of the service readings are stored for so long (s); what is left then goes to disk.
LAST_TURN = 20.0
_STATES = {StoreDown: "down", SchemaOutdated: "outdated"}


class Writer(threading.Thread):
    """The only consumer of the spool and the only writer of the store."""

    def __init__(
        self,
        spool: Spool,
        open_store: Callable[[], StoreWriter],
        clock: SiteClock,
        ticker: Ticker,
        commit_every: float,
        on_store: Callable[[StoreWriter], None] = lambda store: None,
        complete: Callable[[Sequence[Reading]], bool] = lambda readings: False,
    ) -> None:
        """`open_store` connects; `on_store` is called once after each connect (restores counters).

        `complete` is asked when the schema lacks something for these readings: True when it is there now.
        """
        super().__init__(name="writer", daemon=True)
        self._spool = spool
        self._open_store = open_store
        self._on_store = on_store
        self._complete = complete
        self._clock = clock
        self._ticker = ticker
        self._commit_every = commit_every
        self._times = BootTimes(clock, ticker)
        self._store: StoreWriter | None = None
        self._events: deque[Event] = deque(maxlen=MOST_EVENTS)
        self._wake = threading.Event()
        self._stop_wanted = False
        self._save_due = 0.0
        self._end_by = math.inf
        self._complaint = ""  # what was said last and still holds
        self.heartbeat = ticker.monotonic()
        #: Set once the store was asked for the first time, whatever it said.
        self.asked = threading.Event()
        self.status = WriterStatus()

    def add_event(self, event: Event) -> None:
        """Queues an event for the next commit; safe from any thread."""
        self._events.append(event)

    def stop(self) -> None:
        """Asks the thread to end; the caller then calls `finish`."""
        self._end_by = self._ticker.monotonic() + LAST_TURN / 2
        self._stop_wanted = True
        self._wake.set()

    def run(self) -> None:
        """Stores what an earlier run left, then commits every `commit_every`; sooner again while the store is down."""
        due = self._ticker.monotonic()
        every = min(FIRST_COMMIT, self._commit_every)
        while not self._stop_wanted:
            now = self._ticker.monotonic()
            self.heartbeat = now
            self._wake.wait(max(0.0, min(1.0, due - now)))
            if self._stop_wanted or self._ticker.monotonic() < due:
                continue
            works = self.turn()
            now = self._ticker.monotonic()
            due += every * max(1, (now - due) // every + 1)
            if not works:
                due = min(due, now + RETRY)
            every = self._commit_every if self.status.committed else every

    def turn(self) -> bool:
        """Stores all that can be stored now; False when the store would not take it. Never raises."""
        try:
            self._turn()
        except StoreError as error:
            self._failed(error)
            return False
        except Exception:
            if self._complaint != "defect":
                log.exception("writer: a turn failed, which is a defect of Phaselog; readings stay in the spool")
            self._complaint = "defect"
            self.status = replace(self.status, state="refused", last_error="defect, see the journal")
            self._disconnect()
            self._keep_safe()
            return False
        return True

    def _turn(self) -> None:
        store = self._connected()
        # First, so that a replay of readings that were stored under an estimated time finds them at their true one.
        self._times.correct(store, self._go_on, self.add_event)
        for batch in self._spool.batches():
            self.heartbeat = self._ticker.monotonic()
            if self.heartbeat > self._end_by or not self._commit(store, batch):
                break
        self._store_events(store)
        self._tidy(store)

    def _connected(self) -> StoreWriter:
        if self._store is None:
            try:
                self._store = self._open_store()
                self._on_store(self._store)
            finally:
                self.asked.set()
        return self._store

    def _commit(self, store: StoreWriter, batch: Batch) -> bool:
        """Stores one batch; False when its time of day is not known yet (it stays, and what follows with it)."""
        readings = self._times.resolve(batch.readings, store)
        if readings is None:
            self._spool.keep(batch)
            return False
        started = time.perf_counter()
        catching_up = batch.replayed and len(readings) >= CATCHING_UP
        try:
            store.commit(readings, catching_up=catching_up)
        except SchemaOutdated:
            if not self._complete(readings):
                raise
            store.commit(readings, catching_up=catching_up)
        self._spool.done(batch)
        self._stored(readings, time.perf_counter() - started, "draining" if catching_up else "ok")
        return True

    def _stored(self, readings: Sequence[Reading], seconds: float, state: str) -> None:
        newest = max((reading.time for reading in readings), default=None)
        self.status = WriterStatus(
            state=state,
            last_commit=newest if newest is not None else self.status.last_commit,
            committed=self.status.committed + len(readings),
            commit_ms=round(seconds * 1000, 1),
        )

    def _store_events(self, store: StoreWriter) -> None:
        while self._events:
            store.add_event(self._events[0])
            self._events.popleft()

    def _tidy(self, store: StoreWriter) -> None:
        """Works off the dirty rollup buckets, a piece at a time."""
        while store.roll_up() and self._go_on():
            pass
        self.status = replace(self.status, state="ok")
        if self._complaint:
            log.info("store: works again")
        self._complaint = ""

    def _go_on(self) -> bool:
        """Between two pieces of long work: a sign of life; False when the service ends."""
        self.heartbeat = self._ticker.monotonic()
        return not self._stop_wanted

    def _failed(self, error: StoreError) -> None:
        """The store said no: readings go to disk, and it is said once, not every minute."""
        state = next((word for kind, word in _STATES.items() if isinstance(error, kind)), "refused")
        if self._complaint != state:
            log.error("store: %s%s", error, f" ({error.hint})" if error.hint else "")
        self._complaint = state
        self.status = replace(self.status, state=state, last_error=str(error), hint=error.hint or None)
        self._disconnect()
        self._keep_safe()

    def _keep_safe(self) -> None:
        now = self._ticker.monotonic()
        # The store is asked again sooner than that, but each saving costs the card two fsyncs.
        if now >= self._save_due:
            self._spool.save()
            self._save_due = now + self._commit_every

    def _disconnect(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    def finish(self) -> None:
        """The end of the service: one last commit, else everything goes to disk with fsync.

        The store may hold a thread for longer than systemd waits. Then its batch is saved, too: storing it once more
        at the next start changes nothing.
        """
        last = threading.Thread(target=self.turn, name="writer-last", daemon=True)
        if self.is_alive():
            self.join(LAST_TURN)
        if not self.is_alive():
            last.start()
            last.join(LAST_TURN)
        self._spool.save()
        waiting = self._spool.status()
        if waiting.on_disk or waiting.in_hand:
            log.warning("store: has not taken everything; %d readings wait on disk", waiting.on_disk)
        if not self.is_alive() and not last.is_alive():
            self._disconnect()
