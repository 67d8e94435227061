"""Says of a store what the health page and doctor show: version, size, span, what is missing."""

from __future__ import annotations

from dataclasses import replace

from collector.errors import PhaselogError
from collector.model.series import StoreStatus
from collector.store import partitions
from collector.store.database import Database, Row
from collector.store.maintainer import Growth


def pending(database: Database) -> list[str]:
    """Migrations that are missing; columns follow from the configuration and are the maintainer's to know."""
    try:
        return [str(migration) for migration in Growth(database).migrations()]
    except PhaselogError as error:
        return [str(error)]


def _edges(database: Database) -> list[Row]:
    """(meter_id, oldest, newest) of each meter, UTC ms: two looks into the index; MIN and MAX would read them all."""
    if not database.columns("reading"):
        return []
    first, last = (
        f"(SELECT {database.ms('time')} FROM reading WHERE meter_id = meter.id ORDER BY time {order} LIMIT 1)"
        for order in ("ASC", "DESC")
    )
    return database.select(f"SELECT id, {first}, {last} FROM meter")


def span(database: Database) -> tuple[int | None, int | None]:
    """UTC ms of the oldest and the newest reading."""
    found = _edges(database)
    first = min((low for _, low, _ in found if low is not None), default=None)
    return first, max((high for *_, high in found if high is not None), default=None)


def described(database: Database, version: str, readings: int, size: int) -> StoreStatus:
    """Puts together what both databases know with what each counts in its own way."""
    first, last = span(database)
    newest = max(Growth(database).applied(), default=0)
    # An empty table of MariaDB's is estimated at one row for each partition.
    count = readings if last is not None else 0
    return StoreStatus(database.kind, version, count, first, last, size, newest, tuple(pending(database)))


def describe_mariadb(database: Database, timezone: str, now: int) -> StoreStatus:
    """The status of a MariaDB database; rows and size are the server's estimates."""
    ((version,),) = database.select("SELECT VERSION()")
    ((readings, size),) = database.select(
        "SELECT MAX(CASE WHEN table_name = 'reading' THEN table_rows END), SUM(data_length + index_length)"
        " FROM information_schema.tables WHERE table_schema = DATABASE()"
    )
    status = described(database, str(version), int(readings or 0), int(size or 0))
    return replace(status, pending=(*status.pending, *_mariadb_lacks(database, timezone, now)))


def _mariadb_lacks(database: Database, timezone: str, now: int) -> list[str]:
    lacks = []
    if months := partitions.missing(partitions.existing(database), now):
        lacks.append(f"reading: {len(months)} monthly partitions")
    ((local,),) = database.select("SELECT CONVERT_TZ('2026-01-01 00:00:00', 'UTC', ?)", (timezone,))
    if local is None:
        lacks.append(f"MariaDB does not know the time zone {timezone}: mariadb-tzinfo-to-sql loads it")
    return lacks


def describe_sqlite(database: Database) -> StoreStatus:
    """The status of a SQLite file; how many readings there are is estimated where they are many."""
    ((version, pages, octets),) = database.select(
        "SELECT sqlite_version(), page_count, page_size FROM pragma_page_count, pragma_page_size"
    )
    return described(database, version, _readings(database), pages * octets)


#: Readings of a meter that are counted one by one.
_COUNTED = 2000
#: More are estimated from so many pieces of its time, each so long (ms): a Pi would read its card for minutes.
_PIECES, _PIECE = 24, 900_000


def _readings(database: Database) -> int:
    """How many readings there are: exactly for a meter with few."""
    return sum(_readings_of(database, *edges) for edges in _edges(database) if edges[1] is not None)


def _readings_of(database: Database, meter_id: int, first: int, last: int) -> int:
    few = f"SELECT COUNT(*) FROM (SELECT 1 FROM reading WHERE meter_id = ? LIMIT {_COUNTED})"
    ((counted,),) = database.select(few, (meter_id,))
    if counted < _COUNTED:
        return int(counted)
    return max(int(counted), _estimated(database, meter_id, first, last))


def _estimated(database: Database, meter_id: int, first: int, last: int) -> int:
    step = (last - first) / _PIECES
    width = min(_PIECE, step)
    sql = "SELECT COUNT(*) FROM reading WHERE meter_id = ? AND time >= ? AND time < ?"
    starts = [first + number * step for number in range(_PIECES)]
    seen = sum(int(database.select(sql, (meter_id, start, start + width))[0][0]) for start in starts)
    return round(seen * step / width)
