"""Completes the schema and removes what retention no longer keeps: the maintainer's side of the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from collector.errors import SchemaOutdated
from collector.model.quantity import QUANTITIES
from collector.store.columns import COUNTED, RAW, ROLLUPS, row_size, table_columns
from collector.store.database import Database
from collector.store.migrations import Migration, unapplied

_RECORD = """
CREATE TABLE IF NOT EXISTS schema_migration (
    number INTEGER NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL, checksum CHAR(64) NOT NULL, applied BIGINT NOT NULL
)
"""


class Growth:
    """What a schema lacks and how it gets it, alike in both databases."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def applied(self) -> dict[int, str]:
        """Applied migrations: number -> checksum."""
        if not self._database.columns("schema_migration"):
            return {}
        found = self._database.select("SELECT number, checksum FROM schema_migration")
        return {int(row[0]): str(row[1]) for row in found}

    def migrations(self) -> list[Migration]:
        """The migrations to be applied."""
        return unapplied(self._database.kind, self.applied())

    def apply(self, migration: Migration, now: int) -> None:
        """Applies one migration and records it."""
        self._database.execute(_RECORD)
        for statement in migration.statements:
            self._database.execute(statement)
        sql = "INSERT INTO schema_migration (number, name, checksum, applied) VALUES (?, ?, ?, ?)"
        self._database.execute(sql, (migration.number, migration.name, migration.checksum, now))

    def describe_quantities(self) -> None:
        """Writes the closed list down, for people who look words up in the database."""
        names = ("name", "unit", "kind", "description")
        rows = [(q.name, q.unit, q.kind.value, q.description) for q in QUANTITIES.values()]
        there = {tuple(row) for row in self._database.select(f"SELECT {', '.join(names)} FROM quantity")}
        if changed := [row for row in rows if row not in there]:
            self._database.bulk(self._database.upsert("quantity", names, ("name",)), changed)

    def missing_meters(self, columns: Mapping[str, Sequence[str]]) -> list[str]:
        """Configured meters that the database does not know."""
        if not self._database.columns("meter"):
            return list(columns)
        there = {name for (name,) in self._database.select("SELECT name FROM meter")}
        return [name for name in columns if name not in there]

    def add_meter(self, name: str) -> None:
        """Adds a meter."""
        self._database.execute("INSERT INTO meter (name) VALUES (?)", (name,))

    def missing_columns(self, columns: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """(table, [(column, type)]) of what is missing."""
        wanted = [name for name in QUANTITIES if name in set(chain.from_iterable(columns.values()))]
        for table in (RAW, *ROLLUPS):
            there = self._database.columns(table)
            needed = [pair for name in wanted for pair in table_columns(table, name)]
            needed += [COUNTED] if table == RAW else []
            missing = [(column, kind) for column, kind in needed if column not in there]
            if missing:
                yield table, missing


def refuse_wide(columns: Mapping[str, Sequence[str]]) -> None:
    """Raises SchemaOutdated when the tables could not hold all these quantities."""
    if problems := row_size(chain.from_iterable(columns.values())):
        raise SchemaOutdated("; ".join(problems), "models with fewer quantities, or a second database")


def described(table: str, missing: Sequence[tuple[str, str]]) -> str:
    """One line on added columns."""
    names = ", ".join(column for column, _ in missing[:3])
    return f"{table}: {len(missing)} columns ({names}{', ...' if len(missing) > 3 else ''})"
