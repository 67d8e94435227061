"""Reads a MariaDB database as of one moment: one transaction with a consistent snapshot, never all rows in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from collector.config.settings import StoreSettings
from collector.store.complaint import explained
from collector.store.described import span
from collector.store.maintainer import Growth
from collector.store.mariadb import MariaDatabase

#: Rows that are fetched at once.
PIECE = 500
#: s that the server waits for us: a slow USB stick may stop us for a while.
PATIENCE = 3600
_NUMBERS = frozenset(("tinyint", "smallint", "mediumint", "int", "bigint", "double", "decimal"))


class MariaSnapshot:
    """Implements `Snapshot`. Tables are locked against changes of their columns only while they are read."""

    kind = "mariadb"

    def __init__(self, settings: StoreSettings) -> None:
        """Connects; what others commit from now on is not seen."""
        self._settings = settings
        self._database = _Streaming(settings)
        for statement in (
            f"SET SESSION net_write_timeout = {PATIENCE}, wait_timeout = {PATIENCE}",
            "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "START TRANSACTION WITH CONSISTENT SNAPSHOT",
            "SAVEPOINT between_tables",
        ):
            self._database.execute(statement)

    @staticmethod
    def size_of(settings: StoreSettings) -> int:
        """About how many bytes the database takes (the server's estimate)."""
        sql = "SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = DATABASE()"
        return int(_one(settings, sql) or 0)

    @staticmethod
    def folder_of(settings: StoreSettings) -> Path:
        """The server's data folder."""
        return Path(str(_one(settings, "SELECT @@datadir")))

    def version(self) -> str:
        """Version of the server."""
        return str(self._database.select("SELECT VERSION()")[0][0])

    def schema(self) -> int:
        """Number of the newest migration that was applied."""
        return max(Growth(self._database).applied(), default=0)

    def span(self) -> tuple[int | None, int | None]:
        """UTC ms of the oldest and the newest reading of all meters."""
        return span(self._database)

    def tables(self) -> Sequence[str]:
        """Names of the tables, sorted; views are not among them."""
        return sorted(name for name, _ in self._database.select("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'"))

    def definition(self, table: str) -> str:
        """The statement that makes this table, its partitions included."""
        return str(self._database.select(f"SHOW CREATE TABLE `{table}`")[0][1])

    def columns(self, table: str) -> Sequence[str]:
        """Names of a table's columns, in their order."""
        return [name for name, _ in self._typed(table)]

    def _typed(self, table: str) -> Sequence[tuple[str, str]]:
        sql = (
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position"
        )
        return [(name, kind) for name, kind in self._database.select(sql, (table,))]

    def rows(self, table: str) -> Iterator[Sequence[bytes]]:
        """The rows of a table as SQL text; afterwards the table may be altered again."""
        values = ", ".join(_text(name, kind) for name, kind in self._typed(table))
        row = f"CONCAT('(', CONCAT_WS(',', {values}), ')')"
        # As octets: the driver need not make text of it.
        sql = f"SELECT CAST(CONVERT({row} USING utf8mb4) AS BINARY) FROM `{table}`"
        try:
            for piece in self._database.stream(sql):
                yield [text for (text,) in piece]
        finally:
            self._database.execute("ROLLBACK TO SAVEPOINT between_tables")

    def close(self) -> None:
        """Ends the transaction."""
        self._database.close()


class _Streaming(MariaDatabase):
    """A connection that can hand rows out as they come from the server."""

    def stream(self, sql: str) -> Iterator[Sequence[Any]]:
        """The rows of a query, PIECE at a time."""
        cursor = self._connect().cursor(buffered=False)
        try:
            cursor.execute(sql)
            while piece := cursor.fetchmany(PIECE):
                yield piece
        except self._driver.Error as error:
            raise explained(error, self.settings) from error
        finally:
            cursor.close()


def _one(settings: StoreSettings, sql: str) -> Any:
    database = MariaDatabase(settings, read_only=True)
    try:
        return database.select(sql)[0][0]
    finally:
        database.close()


def _text(name: str, kind: str) -> str:
    """SQL for a value as SQL text that gives exactly this value again.

    A FLOAT by itself is printed with six digits, also by mariadb-dump, which loses what its 24 bits hold beyond that;
    nine significant digits always suffice (IEEE 754).
    """
    column = f"`{name}`"
    if kind == "float":
        return f"COALESCE(ROUND({column} * 1e0, 8 - FLOOR(LOG10(ABS({column})))), {column}, 'NULL')"
    if kind in _NUMBERS:
        return f"IFNULL({column}, 'NULL')"
    # QUOTE leaves line ends as they are, but a row is one line.
    return f"REPLACE(QUOTE({column}), CHAR(10), '\\\\n')"
