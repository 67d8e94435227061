"""Keeps the list of rollup buckets that wait to be computed, and computes them, fine ones first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from collector.store.buckets import DAY, FOLLOWERS, LEVELS, MINUTE, QUARTER, Level, bounds, runs
from collector.store.coarser import summarise
from collector.store.database import Database
from collector.store.inserting import StoredRow
from collector.store.merging import merge
from collector.store.rollup import Given, Span, minutes
from collector.store.schema import Schema

#: Minutes that are computed by one statement: enough to be fast, few enough to stay in memory on a small machine.
LONGEST = 60


class Rollups:
    """All rollups of one store. `moduli`: (meter, quantity) -> value after which that counter starts at 0 again."""

    def __init__(self, database: Database, zone: ZoneInfo, moduli: Mapping[tuple[str, str], float]) -> None:
        self._database = database
        self._zone = zone
        self._moduli = moduli

    def mark(self, level: Level, meter_id: int, times: Iterable[int]) -> None:
        """Remembers that the buckets which hold these moments have to be computed."""
        starts = sorted({bounds(level, time, self._zone)[0] for time in times})
        if starts:
            sql = self._database.insert_new("rollup_due", ("level", "meter_id", "time"))
            moment = self._database.moment
            self._database.bulk(sql, [(level.number, meter_id, moment(start)) for start in starts])
        if level is DAY:
            # What is computed from quarters counts by the day, too: a quarter that changed says so here.
            sql = self._database.mark_due("follows IS NULL")
            for start in starts:
                self._database.execute(sql, (meter_id, self._database.moment(start)))

    def minutes(self, schema: Schema, meter_id: int, starts: Iterable[int]) -> None:
        """Computes these minutes now and marks what follows from them."""
        whole = [start for start in sorted(set(starts)) if start >= self.floor(MINUTE)]
        given = given_by(self._database, schema, meter_id)
        mine = {quantity: value for (meter, quantity), value in self._moduli.items() if meter == schema.names[meter_id]}
        for first, end in runs(whole, MINUTE.width, LONGEST):
            changed = minutes(self._database, Span(meter_id, first, end, given, schema.counts), mine)
            self.mark(MINUTE, meter_id, changed)
            self._mark_followers(MINUTE, meter_id, range(first, end, MINUTE.width))

    def merge(self, rows: Sequence[StoredRow]) -> None:
        """Adds readings that are older than what retention has left to the rollups as they are."""
        minute_floor = self.floor(QUARTER)
        for level, late in (
            (MINUTE, [row for row in rows if row.time >= minute_floor]),
            (QUARTER, [row for row in rows if row.time < minute_floor]),
        ):
            merge(self._database, level, late)
            for row in late:
                self._mark_followers(level, row.meter_id, (row.time,))

    def _mark_followers(self, level: Level, meter_id: int, times: Sequence[int]) -> None:
        for follower in FOLLOWERS[level]:
            self.mark(follower, meter_id, times)

    def floor(self, level: Level) -> int:
        """From when on (UTC ms) the rows that this level is computed from are all there."""
        sql = f"SELECT {self._database.ms('time')} FROM retained_from WHERE level = ?"
        found = self._database.select(sql, (_source_number(level),))
        return int(found[0][0]) if found else -(1 << 62)

    def work(self, schema: Schema, horizon: int, limit: int) -> None:
        """Computes at most `limit` buckets that end before the horizon (minutes: any), fine ones first."""
        for level in LEVELS:
            taken = self._take(level, horizon, limit)
            limit -= sum(map(len, taken.values()))
            for meter_id, starts in taken.items():
                self._compute(schema, level, meter_id, starts)

    def _take(self, level: Level, horizon: int, limit: int) -> Mapping[int, list[int]]:
        """Takes buckets off the list: meter -> starts."""
        ready = self._ready(level, horizon)[:limit] if limit > 0 else []
        moment = self._database.moment
        if ready:
            sql = "DELETE FROM rollup_due WHERE level = ? AND meter_id = ? AND time = ?"
            self._database.bulk(sql, [(level.number, meter_id, moment(time)) for meter_id, time in ready])
        meters = defaultdict(list)
        for meter_id, time in ready:
            meters[meter_id].append(time)
        return meters

    def _ready(self, level: Level, horizon: int) -> list[tuple[int, int]]:
        sql = (
            f"SELECT meter_id, {self._database.ms('time')} FROM rollup_due WHERE level = ? AND time <= ?"
            " ORDER BY meter_id, time"
        )
        # A local day may be an hour shorter than its nominal length, so days are looked at one by one.
        latest = horizon if level in (MINUTE, DAY) else horizon - level.width
        found = self._database.select(sql, (level.number, self._database.moment(latest)))
        if level is DAY:
            return [(meter, time) for meter, time in found if bounds(DAY, time, self._zone)[1] <= horizon]
        return [(meter, time) for meter, time in found]

    def _compute(self, schema: Schema, level: Level, meter_id: int, starts: Sequence[int]) -> None:
        if level is MINUTE:
            self.minutes(schema, meter_id, starts)
            return
        floor = self.floor(level)
        given = given_by(self._database, schema, meter_id)
        for start in starts:
            if start >= floor:
                summarise(self._database, level, meter_id, bounds(level, start, self._zone), given)
            self._mark_followers(level, meter_id, (start,))

    def waiting(self, horizon: int) -> int:
        """How many buckets could be computed now."""
        return sum(len(self._ready(level, horizon)) for level in LEVELS)


def _source_number(level: Level) -> int:
    """Under which number `retained_from` keeps the floor of a level's source: 0 is the readings themselves."""
    return {1: 0, 15: 1, 60: 15, 1440: 15}[level.number]


def given_by(database: Database, schema: Schema, meter_id: int) -> list[Given]:
    """What the meter has ever given."""
    sql = (
        f"SELECT quantity, {database.ms('first_time')}, {database.ms('time')} FROM latest_value"
        " WHERE meter_id = ? ORDER BY quantity"
    )
    return [
        Given(schema.quantities[name], first, last)
        for name, first, last in database.select(sql, (meter_id,))
        if name in schema.quantities
    ]
