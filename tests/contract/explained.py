"""Asks a database how it would answer each statement that was put to it, and finds those that read a table through."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

from collector.store.database import Database
from collector.store.mariadb import MariaDatabase
from collector.store.sqlite import SqliteDatabase

Asked = dict[str, tuple[Any, ...]]

#: Small whatever happens: a row for each meter, calculation, quantity, user, key, migration or shelf of retention, or
#: for what was tried or begun within the last days and is forgotten then.
SMALL = frozenset(
    {"meter", "insight_calculation", "latest_value", "quantity", "schema_migration", "retained_from", "boot"}
    | {"page_user", "page_key", "page_tries", "page_session", "page_code"}
)
_LOOKS = ("SELECT", "UPDATE", "DELETE", "(SELECT")


@contextmanager
def listening() -> Iterator[Asked]:
    """Remembers every statement that any connection is asked meanwhile, with the first values that it had."""
    asked: Asked = {}
    ears = [mock.patch.multiple(kind, **_ears(kind, asked)) for kind in (MariaDatabase, SqliteDatabase)]
    with ears[0], ears[1]:
        yield asked


def _ears(kind: type, asked: Asked) -> dict[str, Any]:
    def ear(name: str) -> Any:
        original = getattr(kind, name)

        def heard(self: object, sql: str, values: Sequence[Any] = ()) -> Any:
            first = values if name != "bulk" else (values[0] if values else ())
            asked.setdefault(sql, tuple(first))
            return original(self, sql, values)

        return heard

    return {name: ear(name) for name in ("select", "execute", "bulk")}


def slow(database: Database, asked: Asked) -> dict[str, list[str]]:
    """Statement -> the steps that read a whole table or index which grows; only of those that do."""
    found = {}
    for sql, values in asked.items():
        if sql.lstrip().upper().startswith(_LOOKS) and (steps := _steps(database, sql, values)):
            found[sql] = steps
    return found


#: A bound in time, or a number of rows.
_BOUND = re.compile(r"\btime\b\)? *(?:[<>=]|IN\b|BETWEEN)|\bLIMIT\b")


def boundless(asked: Asked) -> list[str]:
    """Statements that read all of a meter's readings, though by a key: its oldest and newest in one question does."""
    return [sql for sql in asked if re.search(r"FROM reading\w*\b", sql) and not _BOUND.search(sql)]


def _steps(database: Database, sql: str, values: Sequence[Any]) -> list[str]:
    if "information_schema" in sql or "FROM pragma_" in sql or "GET_LOCK" in sql or "RELEASE_LOCK" in sql:
        return []
    if database.kind == "sqlite":
        plan = [str(row[3]) for row in database.select(f"EXPLAIN QUERY PLAN {sql}", values)]
        return [line for line in plan if line.startswith("SCAN") and _grows(line.split()[1])]
    plan = [[str(part) for part in row] for row in database.select(f"EXPLAIN {sql}", values)]
    return [" ".join(row) for row in plan if row[3] in {"ALL", "index"} and _grows(row[2])]


def _grows(table: str) -> bool:
    """Whether this is a table of the store that gets longer with the years; not what a statement made itself."""
    return not (table in SMALL or table.startswith(("<", "(")) or table in {"None", "CONSTANT"})
