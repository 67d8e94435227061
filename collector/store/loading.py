"""Fills a MariaDB database from SQL statements, beside the one in use, and lets it take that one's place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from collector.config.settings import StoreSettings
from collector.store.mariadb import MariaDatabase

#: The dump brings values as they are: no zone, no surprises with zero, nothing checked twice.
_SESSION = (
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO', unique_checks = 0, foreign_key_checks = 0",
    "SET NAMES utf8mb4",
)
#: Table in which the maintainer writes down which views it has made.
_VIEWS_MADE = "view_definition"


class Loader:
    """A database of this name, made empty; a leftover of an earlier attempt is removed."""

    def __init__(self, settings: StoreSettings, name: str) -> None:
        """Raises StoreDown, StoreRefused."""
        self.settings = replace(settings, database=name)
        drop_database(settings, name)
        _on_server(settings, f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
        self._database = MariaDatabase(self.settings)
        for statement in _SESSION:
            self._database.execute(statement)

    def execute(self, statement: str) -> None:
        """Runs one statement of the dump."""
        self._database.execute(statement)

    def close(self) -> None:
        """Closes the connection; the database stays."""
        self._database.close()


def drop_database(settings: StoreSettings, name: str) -> None:
    """Removes a database that nobody needs any more."""
    _on_server(settings, f"DROP DATABASE IF EXISTS `{name}`")


def exists(settings: StoreSettings) -> bool:
    """True when the server has this database."""
    server = MariaDatabase(settings, database=False)
    try:
        sql = "SELECT 1 FROM information_schema.schemata WHERE schema_name = ?"
        return bool(server.select(sql, (settings.database,)))
    finally:
        server.close()


def take_place(settings: StoreSettings, loaded: str, before: str) -> bool:
    """Puts the loaded tables where `settings.database` is; returns whether there were tables, now in database `before`.

    One statement renames all of them: at no moment is a part of each in use. Views are removed, migration makes them.
    """
    name = settings.database
    _on_server(settings, f"CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
    database = MariaDatabase(settings)
    try:
        old, new = _named(database, name, "BASE TABLE"), _named(database, loaded, "BASE TABLE")
        if old:
            database.execute(f"CREATE DATABASE `{before}` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
        for view in _named(database, name, "VIEW"):
            database.execute(f"DROP VIEW `{name}`.`{view}`")
        moves = [f"`{name}`.`{table}` TO `{before}`.`{table}`" for table in old]
        moves += [f"`{loaded}`.`{table}` TO `{name}`.`{table}`" for table in new]
        database.execute(f"RENAME TABLE {', '.join(moves)}")
        if _VIEWS_MADE in new:
            database.execute(f"DELETE FROM {_VIEWS_MADE}")
        return bool(old)
    finally:
        database.close()
        drop_database(settings, loaded)


def _named(database: MariaDatabase, schema: str, kind: str) -> Sequence[str]:
    sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_type = ?"
    return [name for (name,) in database.select(sql, (schema, kind))]


def _on_server(settings: StoreSettings, statement: str) -> None:
    server = MariaDatabase(settings, database=False)
    try:
        server.execute(statement)
    finally:
        server.close()
