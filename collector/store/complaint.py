"""Says in one sentence what MariaDB complains of, where, and what to do (MariaDB error codes)."""

from __future__ import annotations

import re
from typing import Any

from collector.config.settings import StoreSettings
from collector.errors import SchemaOutdated, StoreDown, StoreError, StoreRefused

#: Lock conflicts: the transaction may simply be run again (1020 with innodb_snapshot_isolation, MariaDB 11).
RETRIED = frozenset((1020, 1205, 1213))
#: The connection is gone.
LOST = frozenset((1053, 1077, 1079, 1927, 2006, 2013, 2055, 4031))
_MIGRATE = "phaselog db migrate"
_SPACE = "free space on the disk; readings wait in the spool meanwhile"
_RIGHTS = "give the user its rights on this database (see docs/reference/schema.md), or name another store.user"
_RUNNING = "is MariaDB running? systemctl status mariadb; otherwise look at store.socket or store.host"
_MEANINGS: dict[int, tuple[type[StoreError], str, str]] = {
    1020: (StoreDown, "another program changed the same rows", "it is tried again"),
    1021: (StoreRefused, "its disk is full", _SPACE),
    1040: (StoreDown, "it has too many connections", "end other programs, or raise max_connections"),
    1044: (StoreRefused, "this user has no rights on the database", _RIGHTS),
    1045: (StoreRefused, "it refuses this user", "look at store.user and store.password_file"),
    1049: (SchemaOutdated, "the database does not exist", f"{_MIGRATE} creates it"),
    1054: (SchemaOutdated, "a column is missing", _MIGRATE),
    1114: (StoreRefused, "the table is full: no space is left", _SPACE),
    1130: (StoreRefused, "it does not let this machine in", "look at store.host and the user's host part"),
    1142: (StoreRefused, "this user may not do that", _RIGHTS),
    1143: (StoreRefused, "this user may not do that", _RIGHTS),
    1146: (SchemaOutdated, "a table is missing", _MIGRATE),
    1205: (StoreDown, "another program holds the rows for too long", "it is tried again"),
    1213: (StoreDown, "another program holds the same rows", "it is tried again"),
    1227: (StoreRefused, "this user may not do that", _RIGHTS),
    1290: (StoreRefused, "it is set to read only", "look at read_only in its configuration"),
    1526: (SchemaOutdated, "no partition takes this month", _MIGRATE),
    1698: (StoreRefused, "it refuses this user", "run as the user that store.user names, or give a password file"),
    1836: (StoreRefused, "it is set to read only", "look at read_only in its configuration"),
    2002: (StoreDown, "nobody answers", _RUNNING),
    2003: (StoreDown, "nobody answers", _RUNNING),
    2005: (StoreDown, "its host name is not known", "look at store.host"),
}


def place(settings: StoreSettings) -> str:
    """Where the database is, for a message."""
    where = f"{settings.host}:{settings.tcp_port}" if settings.host else settings.socket or "this machine's socket"
    return f"MariaDB database {settings.database} at {where}"


def _code(error: Any) -> int:
    """The driver gives some network failures no number of their own; it stands in the text then."""
    if error.errno:
        return int(error.errno)
    found = re.search(r"\((\d{4})\)", str(error))
    return int(found.group(1)) if found else 2013


def explained(error: Any, settings: StoreSettings) -> StoreError:
    """The driver's error as one of ours."""
    code = _code(error)
    if code in LOST:
        return StoreDown(f"{place(settings)}: the connection was lost", _RUNNING)
    kind, words, hint = _MEANINGS.get(code, (StoreRefused, "the statement was refused", ""))
    return kind(f"{place(settings)}: {words} ({code}: {error})", hint)
