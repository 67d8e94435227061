"""Writes readings, what follows from them, and events: the collector's side of the store."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

from collector.errors import StoreError
from collector.model.event import Event
from collector.model.quantity import QUANTITIES
from collector.model.reading import Reading
from collector.store import boots
from collector.store.buckets import MINUTE, QUARTER
from collector.store.database import Database, Result
from collector.store.due import Rollups
from collector.store.inserting import Inserted, StoredRow, as_rows, insert, stored_keys
from collector.store.schema import Schema


def _system_now() -> int:
    return int(time.time() * 1000)


class Writer:
    """Implements `StoreWriter` on either database. `now`: the system clock in UTC ms, only to tell old from current."""

    def __init__(
        self,
        database: Database,
        zone: ZoneInfo,
        moduli: Mapping[tuple[str, str], float],
        now: Callable[[], int] = _system_now,
    ) -> None:
        self._database = database
        self._rollups = Rollups(database, zone, moduli)
        self._now = now
        self._known: Schema | None = None

    def _in_transaction(self, work: Callable[[Schema], Result]) -> Result:
        """Runs the work in one transaction; looks at the schema again after it failed."""
        try:
            if self._known is None:
                self._known = Schema(self._database)
            schema = self._known
            return self._database.transaction(lambda: work(schema))
        except StoreError:
            self._known = None
            raise

    def commit(self, readings: Sequence[Reading], *, catching_up: bool = False) -> int:
        """Stores readings and what follows from them; how many were new. See `StoreWriter`."""
        if not readings:
            return 0
        return self._in_transaction(lambda schema: self._commit(schema, readings, catching_up))

    def _commit(self, schema: Schema, readings: Sequence[Reading], catching_up: bool) -> int:
        rows = as_rows(readings, schema)
        floor = self._rollups.floor(MINUTE)
        known = stored_keys(self._database, [row for row in rows if row.time < floor])
        inserted = insert(self._database, rows, schema)
        if inserted.new:
            self._rollups.merge([row for row in inserted.rows if row.time < floor and row.key not in known])
            self._put_latest(inserted.rows)
            self._put_batches(inserted)
            self._summarise(schema, inserted.rows, catching_up)
        return inserted.new

    def _put_latest(self, rows: Sequence[StoredRow]) -> None:
        moment = self._database.moment
        sent = []
        for meter_id, mine in _by_meter(rows).items():
            mine.sort(key=lambda row: row.time)
            first, newest = _found_first(mine), _found_first(mine[::-1])
            sent += [
                (meter_id, name, moment(row.time), row.values[name], moment(first[name].time))
                for name, row in sorted(newest.items())
            ]
        if sent:
            self._database.bulk(self._database.newer_latest(), sent)

    def _put_batches(self, inserted: Inserted) -> None:
        times = _times_by_meter(inserted.rows)
        moment = self._database.moment
        self._database.bulk(
            "INSERT INTO batch (meter_id, time_from, time_to, `rows`) VALUES (?, ?, ?, ?)",
            [(meter, moment(min(all_)), moment(max(all_)), len(all_)) for meter, all_ in times.items()],
        )

    def _summarise(self, schema: Schema, rows: Sequence[StoredRow], catching_up: bool) -> None:
        for meter_id, times in _times_by_meter(rows).items():
            if catching_up:
                self._rollups.mark(MINUTE, meter_id, times)
                self._rollups.mark(QUARTER, meter_id, times)
            else:
                self._rollups.minutes(schema, meter_id, {at - at % MINUTE.width for at in times})

    def roll_up(self, limit: int = 500) -> int:
        """Recomputes at most `limit` dirty buckets whose time has come; returns how many are left."""
        horizon = max(self._now(), self.last_time() or 0)
        if not self._rollups.waiting(horizon):
            return 0
        self._in_transaction(lambda schema: self._rollups.work(schema, horizon, limit))
        return self._rollups.waiting(horizon)

    def counters(self) -> Mapping[tuple[str, str], tuple[int, float]]:
        """(meter, quantity) -> (time UTC ms, value) of the last stored value of every counter."""
        found = self._database.select(
            f"SELECT name, quantity, {self._database.ms('time')}, value FROM latest_value"
            " JOIN meter ON meter.id = latest_value.meter_id"
        )
        return {(m, q): (at, value) for m, q, at, value in found if q in QUANTITIES and QUANTITIES[q].counts}

    def last_time(self) -> int | None:
        """UTC ms of the newest stored reading of all meters."""
        sql = f"SELECT (SELECT {self._database.ms('MAX(time)')} FROM reading WHERE meter_id = meter.id) FROM meter"
        return max((at for (at,) in self._database.select(sql) if at is not None), default=None)

    def add_event(self, event: Event) -> None:
        """Stores an event; the same event twice is stored once."""
        sql = self._database.insert_new("event", ("time", "kind", "meter", "message"))
        values = (self._database.moment(event.time), event.kind, event.meter or "", event.message)
        self._database.transaction(lambda: self._database.execute(sql, values))

    def remember_boot(self, boot: str, shift_ms: int) -> int:
        """Stores the estimated shift of a boot once; returns the stored one."""
        return self._database.transaction(lambda: boots.remember(self._database, boot, shift_ms))

    def correct_boot(self, boot: str, shift_ms: int, limit: int = 5000) -> int:
        """Moves at most `limit` of the boot's flagged rows to their true time; returns how many are left."""
        return self._in_transaction(
            lambda schema: boots.correct(self._database, self._rollups, schema, boots.Correction(boot, shift_ms, limit))
        )

    def close(self) -> None:
        """Closes the connection."""
        self._database.close()


def _by_meter(rows: Sequence[StoredRow]) -> dict[int, list[StoredRow]]:
    """The rows of each meter, meters in order: two writers then take their locks in the same order."""
    meters: dict[int, list[StoredRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.meter_id):
        meters[row.meter_id].append(row)
    return meters


def _times_by_meter(rows: Sequence[StoredRow]) -> Mapping[int, list[int]]:
    return {meter_id: [row.time for row in mine] for meter_id, mine in _by_meter(rows).items()}


def _found_first(rows: Sequence[StoredRow]) -> dict[str, StoredRow]:
    """Quantity -> the first of these rows that has it; stops looking once all are found."""
    wanted: set[str] = set().union(*(row.values.keys() for row in rows))
    found: dict[str, StoredRow] = {}
    for row in rows:
        for name in wanted & row.values.keys():
            found[name] = row
            wanted.discard(name)
        if not wanted:
            break
    return found
