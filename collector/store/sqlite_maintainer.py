"""Looks after the SQLite file: creates it, completes its schema, removes old rows a piece at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from collector.store.maintainer import Growth, described, refuse_wide
from collector.store.retention import retain
from collector.store.sqlite import SqliteDatabase


class SqliteMaintainer:
    """Implements `StoreMaintainer` on a SQLite file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: SqliteDatabase | None = None

    def _database(self) -> SqliteDatabase:
        """Connects; the file and its folder are created."""
        if self._opened is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._opened = SqliteDatabase(self._path, mode="rwc")
        return self._opened

    def migrate(self, columns: Mapping[str, Sequence[str]], now: int) -> Sequence[str]:
        """Applies pending migrations, meters and columns; says what was applied."""
        refuse_wide(columns)
        database = self._database()
        return database.transaction(lambda: self._grow(database, columns, now))

    def _grow(self, database: SqliteDatabase, columns: Mapping[str, Sequence[str]], now: int) -> list[str]:
        growth, done = Growth(database), []
        for migration in growth.migrations():
            growth.apply(migration, now)
            done.append(str(migration))
        growth.describe_quantities()
        for meter in growth.missing_meters(columns):
            growth.add_meter(meter)
            done.append(f"meter {meter}")
        for table, missing in growth.missing_columns(columns):
            for column, kind in missing:
                database.execute(f"ALTER TABLE {table} ADD COLUMN {column} {_TYPES[kind]}")
            done.append(described(table, missing))
        return done

    def pending(self, columns: Mapping[str, Sequence[str]], now: int) -> Sequence[str]:
        """What `migrate` would do; read-only."""
        if self._opened is None and not self._path.exists():
            return [f"create {self._path}"]
        database = SqliteDatabase(self._path, mode="ro")
        try:
            growth = Growth(database)
            lines = [str(migration) for migration in growth.migrations()]
            lines += [f"meter {meter}" for meter in growth.missing_meters(columns)]
            return lines + [described(table, missing) for table, missing in growth.missing_columns(columns)]
        finally:
            database.close()

    def retain(self, now: int, raw_days: int, minute_days: int) -> Sequence[str]:
        """Removes old readings and minute rollups in pieces; says what went."""
        return retain(self._database(), now, raw_days, minute_days)

    def close(self) -> None:
        """Closes the connection."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None


_TYPES = {"FLOAT": "REAL", "DOUBLE": "REAL", "MEDIUMINT UNSIGNED": "INTEGER", "TEXT": "TEXT"}
