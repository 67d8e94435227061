"""Copies a SQLite file as of one moment (its online backup API), and reads such a copy."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from collector.errors import StoreRefused
from collector.store.database import Row
from collector.store.described import span
from collector.store.maintainer import Growth
from collector.store.sqlite import SqliteDatabase

PIECE = 500


def copy(source: Path, target: Path) -> None:
    """Copies the file in one go; others may write meanwhile, the copy does not see it. Raises StoreError, OSError."""
    with closing(_File(source, mode="ro")) as original:
        original.copy_to(target)


class _File(SqliteDatabase):
    """A file that can be copied, and that hands rows out as it comes to them."""

    def copy_to(self, target: Path) -> None:
        """Copies all pages in one step, under one read lock."""
        try:
            with closing(sqlite3.connect(target)) as made:
                self._link.backup(made)
                # A copy is read as one file: without the write-ahead log that the original is used with.
                made.execute("PRAGMA journal_mode=DELETE").fetchall()
        except sqlite3.Error as error:
            raise StoreRefused(f"{self.path} cannot be copied to {target}: {error}", "is there room?") from error

    def stream(self, sql: str, count: int) -> Iterator[Sequence[Row]]:
        """The rows of a query, `count` at a time."""
        with self._errors(), closing(self._link.execute(sql)) as cursor:
            while piece := cursor.fetchmany(count):
                yield piece


class SqliteSnapshot:
    """Implements `Snapshot` on a file."""

    kind = "sqlite"

    def __init__(self, path: Path) -> None:
        """Opens the file for reading and holds the moment."""
        self._database = _File(path, mode="ro")
        self._database.execute("BEGIN")
        problems = [text for (text,) in self._database.select("PRAGMA quick_check(1)")]
        if problems != ["ok"]:
            raise StoreRefused(f"SQLite file {path} is damaged: {problems[0]}", "restore a backup")

    def version(self) -> str:
        """Version of the library."""
        return str(self._database.select("SELECT sqlite_version()")[0][0])

    def schema(self) -> int:
        """Number of the newest migration that was applied."""
        return max(Growth(self._database).applied(), default=0)

    def span(self) -> tuple[int | None, int | None]:
        """UTC ms of the oldest and the newest reading of all meters."""
        return span(self._database)

    def tables(self) -> Sequence[str]:
        """Names of the tables, sorted."""
        sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        return sorted(name for (name,) in self._database.select(sql))

    def rows(self, table: str) -> Iterator[Sequence[bytes]]:
        """The rows of a table as SQL text."""
        sql = "SELECT name FROM pragma_table_info(?) ORDER BY cid"
        names = [name for (name,) in self._database.select(sql, (table,))]
        values = " || ',' || ".join(f"quote(`{name}`)" for name in names)
        for piece in self._database.stream(f"SELECT '(' || {values} || ')' FROM `{table}`", PIECE):
            yield [row.encode() for (row,) in piece]

    def close(self) -> None:
        """Closes the file."""
        self._database.close()
