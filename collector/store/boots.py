"""Moves readings that were stamped before the clock was known to their true time: the only edit a reading ever gets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from collector.model.reading import Flag
from collector.store.buckets import MINUTE, QUARTER
from collector.store.columns import RAW
from collector.store.database import Database
from collector.store.due import Rollups, given_by
from collector.store.rollup import following
from collector.store.schema import Schema

_FLAG = int(Flag.TIME_ESTIMATED)
_EARLIER = "CASE WHEN first_time < ? THEN first_time ELSE ? END"


@dataclass(frozen=True, slots=True)
class Correction:
    """The true shift of a boot (UTC ms = boot ms + shift). `limit`: rows moved in one transaction."""

    boot: str
    shift_ms: int
    limit: int


@dataclass(frozen=True, slots=True)
class Flagged:
    """The times (UTC ms, [start, end)) between which all flagged rows are of one boot, and how far they move."""

    start: int
    end: int
    delta: int

    @property
    def order(self) -> str:
        """Rows that move ahead go newest first, rows that move back oldest first: none is in another's way."""
        return "DESC" if self.delta >= 0 else "ASC"


def remember(database: Database, boot: str, shift_ms: int) -> int:
    """Stores the estimated shift of a boot once; returns the stored one."""
    database.execute(database.insert_new("boot", ("boot", "shift_ms")), (boot, shift_ms))
    ((stored,),) = database.select("SELECT shift_ms FROM boot WHERE boot = ?", (boot,))
    return int(stored)


def correct(database: Database, rollups: Rollups, schema: Schema, truth: Correction) -> int:
    """Moves at most `limit` of the boot's flagged rows; returns how many are left."""
    flagged = _flagged(database, truth)
    if flagged is None:
        return 0
    rows = _pick(database, flagged, truth.limit)
    for meter_id, times in rows.items():
        moved = _move(database, meter_id, times, flagged.delta)
        _put_latest_right(database, schema, meter_id, moved)
        _mark(database, rollups, schema, meter_id, moved)
        _tell(database, meter_id, moved)
    left = _left(database, flagged)
    if not left:
        database.execute("UPDATE boot SET true_shift_ms = ? WHERE boot = ?", (truth.shift_ms, truth.boot))
    return left


def _flagged(database: Database, truth: Correction) -> Flagged | None:
    """A boot's estimated times begin after everything stored before it, and end before the next estimated boot's."""
    found = database.select("SELECT shift_ms, true_shift_ms FROM boot WHERE boot = ?", (truth.boot,))
    if not found or found[0][1] is not None:
        return None
    start = int(found[0][0])
    ((later,),) = database.select("SELECT MIN(shift_ms) FROM boot WHERE shift_ms > ?", (start,))
    return Flagged(start, later if later is not None else 4_000_000_000_000, truth.shift_ms - start)


def _where(database: Database, flagged: Flagged) -> tuple[str, tuple[object, object]]:
    limits = (database.moment(flagged.start), database.moment(flagged.end))
    return f"FROM {RAW} WHERE time >= ? AND time < ? AND flags & {_FLAG} <> 0", limits


def _pick(database: Database, flagged: Flagged, limit: int) -> Mapping[int, list[int]]:
    where, limits = _where(database, flagged)
    order = f"ORDER BY time {flagged.order} LIMIT {int(limit)}"
    meters: dict[int, list[int]] = defaultdict(list)
    for meter_id, time in database.select(f"SELECT meter_id, {database.ms('time')} {where} {order}", limits):
        meters[meter_id].append(time)
    return meters


def _left(database: Database, flagged: Flagged) -> int:
    where, limits = _where(database, flagged)
    return int(database.select(f"SELECT COUNT(*) {where}", limits)[0][0])


def _move(database: Database, meter_id: int, times: Sequence[int], delta: int) -> dict[int, int]:
    """Gives the rows their new times: old -> new, the next free millisecond where one is taken."""
    moment = database.moment
    low, high = min(times) + delta, max(times) + delta + len(times)
    sql = f"SELECT {database.ms('time')} FROM {RAW} WHERE meter_id = ? AND time >= ? AND time <= ?"
    taken = {time for (time,) in database.select(sql, (meter_id, moment(low), moment(high)))}
    moved = {}
    for old in times:
        new = old + delta
        while new in taken and new != old:
            new += 1
        taken.discard(old)
        taken.add(new)
        moved[old] = new
    database.bulk(
        f"UPDATE {RAW} SET time = ?, flags = flags & ~{_FLAG} WHERE meter_id = ? AND time = ?",
        [(moment(new), meter_id, moment(old)) for old, new in moved.items()],
    )
    return moved


def _put_latest_right(database: Database, schema: Schema, meter_id: int, moved: Mapping[int, int]) -> None:
    """Looks up anew which value is the newest wherever that was, or may now be, one of the moved rows."""
    moment = database.moment
    first, last = _limits(moved.values())
    for given in given_by(database, schema, meter_id):
        q = given.quantity.name
        database.execute(
            f"UPDATE latest_value SET first_time = {_EARLIER} WHERE meter_id = ? AND quantity = ?",
            (moment(first), moment(first), meter_id, q),
        )
        if given.last not in moved and given.last > last:
            continue
        sql = f"SELECT time, {q} FROM {RAW} WHERE meter_id = ? AND {q} IS NOT NULL ORDER BY time DESC LIMIT 1"
        for time, value in database.select(sql, (meter_id,)):
            database.execute(
                "UPDATE latest_value SET time = ?, value = ? WHERE meter_id = ? AND quantity = ?",
                (time, value, meter_id, q),
            )


def _mark(database: Database, rollups: Rollups, schema: Schema, meter_id: int, moved: Mapping[int, int]) -> None:
    """Every minute that lost or got rows, and those whose first increment may have another predecessor now."""
    counters = [each.quantity.name for each in given_by(database, schema, meter_id) if each.quantity.counts]
    touched = set(moved) | set(moved.values())
    for times in (moved.keys(), moved.values()):
        touched |= following(database, meter_id, max(times) + 1, counters)
    touched |= _between(database, meter_id, moved)
    rollups.mark(MINUTE, meter_id, touched)
    rollups.mark(QUARTER, meter_id, touched)


def _between(database: Database, meter_id: int, moved: Mapping[int, int]) -> frozenset[int]:
    """Rows that stay may lie between the moved ones, before or after the move: all minutes with a reading there."""
    moment = database.moment
    found: set[int] = set()
    sql = f"SELECT DISTINCT {database.bucket(MINUTE.width)} FROM {RAW} WHERE meter_id = ? AND time >= ? AND time <= ?"
    for times in (moved.keys(), moved.values()):
        low, high = _limits(times)
        found.update(time for (time,) in database.select(sql, (meter_id, moment(low), moment(high))))
    return frozenset(found)


def _limits(times: Iterable[int]) -> tuple[int, int]:
    all_ = list(times)
    return min(all_), max(all_)


def _tell(database: Database, meter_id: int, moved: Mapping[int, int]) -> None:
    """Those who follow the store by `batch` look at the new times again."""
    low, high = _limits(moved.values())
    moment = database.moment
    database.execute(
        "INSERT INTO batch (meter_id, time_from, time_to, `rows`) VALUES (?, ?, ?, ?)",
        (meter_id, moment(low), moment(high), len(moved)),
    )
