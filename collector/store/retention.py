"""Decides up to when readings and minute rollups may go: old enough, and everything that follows from them computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from collector.model.calendar import instant
from collector.store.buckets import DAY, MINUTE, QUARTER, Level
from collector.store.columns import RAW
from collector.store.database import Database

#: Rows removed in one transaction, so that the writer never waits long.
PIECE = 20_000


@dataclass(frozen=True, slots=True)
class Shelf:
    """A table with a limited life. `number`: its name in `retained_from`; `follower`: what is computed from it."""

    number: int
    table: str
    follower: Level
    word: str


READINGS = Shelf(0, RAW, MINUTE, "readings")
MINUTES = Shelf(1, MINUTE.table, QUARTER, "minutes")


def removable(database: Database, shelf: Shelf, now: int, days: int) -> int:
    """Up to when (UTC ms, start of a UTC day) rows of this table may go."""
    oldest = now - days * DAY.width
    sql = f"SELECT {database.ms('MIN(time)')} FROM rollup_due WHERE level <= ?"
    ((waiting,),) = database.select(sql, (shelf.follower.number,))
    if waiting is not None:
        oldest = min(oldest, waiting)
    return int(oldest - oldest % DAY.width)


def set_floor(database: Database, shelf: Shelf, floor: int) -> None:
    """Writes down from when on the table is complete, before anything is removed; it never goes back."""
    moment = database.moment
    found = database.select(f"SELECT {database.ms('time')} FROM retained_from WHERE level = ?", (shelf.number,))
    if not found or found[0][0] < floor:
        sql = database.upsert("retained_from", ("level", "time"), ("level",))
        database.execute(sql, (shelf.number, moment(floor)))


def retain(database: Database, now: int, raw_days: int, minute_days: int) -> Sequence[str]:
    """Removes readings and minute rollups older than this, in pieces; says what went."""
    done = []
    for shelf, days in ((READINGS, raw_days), (MINUTES, minute_days)):
        floor = removable(database, shelf, now, days)
        if removed := remove_rows(database, shelf, floor):
            done.append(told(shelf, floor, removed))
    return done


def told(shelf: Shelf, floor: int, removed: int) -> str:
    """One line on what went."""
    return f"removed {removed} {shelf.word} before {instant(floor):%Y-%m-%d}"


def remove_rows(database: Database, shelf: Shelf, floor: int) -> int:
    """Removes a table's rows before the floor, in pieces; how many."""
    removed = 0
    for (meter_id,) in database.select("SELECT id FROM meter"):
        while piece := database.transaction(_piece(database, shelf, meter_id, floor)):
            removed += piece
    return removed


def _piece(database: Database, shelf: Shelf, meter_id: int, floor: int) -> Callable[[], int]:
    """The removal of one meter's oldest rows before the floor; the floor is written with the first of them."""
    moment = database.moment

    def work() -> int:
        where = f"meter_id = ? AND time < ? ORDER BY time LIMIT {PIECE}"
        sql = f"SELECT {database.ms('time')} FROM {shelf.table} WHERE {where}"
        times = database.select(sql, (meter_id, moment(floor)))
        if not times:
            return 0
        set_floor(database, shelf, floor)
        limits = (meter_id, moment(times[-1][0]))
        return database.execute(f"DELETE FROM {shelf.table} WHERE meter_id = ? AND time <= ?", limits)

    return work
