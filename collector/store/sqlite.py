"""Speaks to SQLite: one file, write-ahead log, a commit is on the disk when it returns."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from collector.errors import SchemaOutdated, StoreDown, StoreError, StoreRefused
from collector.model.reading import Flag
from collector.store.database import Result, Row, marks

#: s that a statement waits for another process's transaction; well below what the watchdog allows the writer.
PATIENCE = 10.0
_FULL = "remove files or let retention remove readings: store.keep_raw_days"
_MIGRATE = "phaselog db migrate"
#: Primary result codes (sqlite.org/rescode.html) -> what it means to us.
_MEANINGS: dict[int, tuple[type[StoreError], str, str]] = {
    sqlite3.SQLITE_FULL: (StoreRefused, "the disk is full", _FULL),
    sqlite3.SQLITE_READONLY: (StoreRefused, "the file may not be written", "chown or chmod it for this user"),
    sqlite3.SQLITE_PERM: (StoreRefused, "the file may not be used", "chown or chmod it for this user"),
    sqlite3.SQLITE_AUTH: (StoreRefused, "the statement is not allowed", ""),
    sqlite3.SQLITE_NOTADB: (StoreRefused, "the file is no SQLite database", "move it away, or name another store.path"),
    sqlite3.SQLITE_CORRUPT: (StoreRefused, "the file is damaged", "move it away and restore a backup"),
    sqlite3.SQLITE_BUSY: (StoreDown, "another process holds the file", "end the program that has it open"),
    sqlite3.SQLITE_LOCKED: (StoreDown, "another process holds the file", "end the program that has it open"),
    sqlite3.SQLITE_CANTOPEN: (StoreDown, "the file cannot be opened", "look whether it exists and who may read it"),
    sqlite3.SQLITE_IOERR: (StoreDown, "the disk does not answer", "look at the card: phaselog doctor"),
}


def _explained(error: sqlite3.Error, path: Path) -> StoreError:
    text = str(error)
    if "no such table" in text or "no such column" in text or "has no column" in text:
        return SchemaOutdated(f"SQLite file {path}: {text}", _MIGRATE)
    code = getattr(error, "sqlite_errorcode", None)
    kind, words, hint = _MEANINGS.get((code or 0) & 0xFF, (StoreRefused, text, ""))
    return kind(f"SQLite file {path}: {words}", hint)


class SqliteDatabase:
    """A connection to one SQLite file; implements `Database`."""

    kind = "sqlite"

    def __init__(self, path: Path, *, mode: str) -> None:
        """`mode`: "ro" (never writes), "rw" (must exist) or "rwc" (is created). Raises StoreDown, StoreRefused."""
        self.path = path
        if mode != "rwc" and not path.exists():
            hint = f"{_MIGRATE} creates it; the collector does so when it starts"
            raise StoreDown(f"SQLite file {path}: it does not exist yet", hint)
        with self._errors():
            self._link = sqlite3.connect(
                f"file:{quote(str(path.absolute()))}?mode={mode}",
                uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False,
            )  # fmt: skip
            if mode != "ro":
                self._link.execute("PRAGMA journal_mode=WAL").fetchall()
                self._link.execute("PRAGMA synchronous=FULL")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _explained(error, self.path) from error

    def select(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query."""
        with self._errors():
            return self._link.execute(sql, values).fetchall()

    def execute(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Runs one statement; the number of affected rows."""
        with self._errors():
            return self._link.execute(sql, values).rowcount

    def bulk(self, sql: str, rows: Sequence[Row]) -> int:
        """Runs one statement for many rows at once; the number of affected rows."""
        with self._errors():
            return self._link.executemany(sql, rows).rowcount

    def transaction(self, work: Callable[[], Result]) -> Result:
        """Runs the work in one transaction; waits while another process writes."""
        self.execute("BEGIN IMMEDIATE")
        try:
            result = work()
            self.execute("COMMIT")
        except BaseException:
            if self._link.in_transaction:
                self._link.execute("ROLLBACK")
            raise
        return result

    def columns(self, table: str) -> frozenset[str]:
        """Names of a table's columns; empty when there is no such table."""
        return frozenset(name for (name,) in self.select("SELECT name FROM pragma_table_info(?)", (table,)))

    def moment(self, ms: int) -> int:
        """Times are integers here."""
        return ms

    def ms(self, column: str) -> str:
        """Times are integers here."""
        return column

    def bucket(self, width: int) -> str:
        """SQL for the start of the bucket that column `time` falls in."""
        return f"(time - time % {width})"

    def exact(self, column: str) -> str:
        """REAL keeps every digit."""
        return column

    def any_flags(self) -> str:
        """SQLite has no aggregate for it: each bit is looked for by itself."""
        return " | ".join(f"MAX(flags & {int(flag)})" for flag in Flag)

    def stored(self, quantity: str, value: float) -> float:
        """REAL keeps every digit."""
        return value

    def insert_new(self, table: str, columns: Iterable[str]) -> str:
        """SQL that inserts what is not there yet."""
        names = list(columns)
        return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks(len(names))}) ON CONFLICT DO NOTHING"

    def upsert(self, table: str, columns: Sequence[str], key: Sequence[str]) -> str:
        """SQL that inserts, or overwrites the columns that are not key."""
        sets = ", ".join(f"{name}=excluded.{name}" for name in columns if name not in key)
        insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks(len(columns))})"
        return f"{insert} ON CONFLICT ({', '.join(key)}) DO {f'UPDATE SET {sets}' if sets else 'NOTHING'}"

    def newer_latest(self) -> str:
        """SQL that puts a value into `latest_value` where it is news."""
        return (
            "INSERT INTO latest_value (meter_id, quantity, time, value, first_time) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (meter_id, quantity) DO UPDATE SET"
            " value=CASE WHEN excluded.time >= time THEN excluded.value ELSE value END,"
            " time=MAX(time, excluded.time), first_time=MIN(first_time, excluded.first_time)"
        )

    def mark_due(self, which: str) -> str:
        """SQL that puts a day on the list of each such calculation."""
        return (
            "INSERT INTO insight_due (calculation, meter_id, time, version)"
            " SELECT name, ?, ?, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER) FROM insight_calculation"
            f" WHERE {which} ON CONFLICT (calculation, meter_id, time) DO UPDATE SET version = version + 1"
        )

    def close(self) -> None:
        """Closes the connection."""
        self._link.close()
