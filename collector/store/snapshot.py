"""Hands out everything a database holds as it was at one moment, a few rows at a time, while others go on writing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from collector.config.settings import StoreSettings
from collector.store.mariadb_snapshot import MariaSnapshot
from collector.store.sqlite_snapshot import SqliteSnapshot


class Snapshot(Protocol):
    """One moment of a database. A row is SQL text like `(1,'2026-11-21 00:00:00.000',230.12)`, every value exact."""

    #: "mariadb" or "sqlite".
    kind: str

    def version(self) -> str:
        """Version of the database server or library."""
        ...

    def schema(self) -> int:
        """Number of the newest migration that was applied; 0 without any."""
        ...

    def span(self) -> tuple[int | None, int | None]:
        """UTC ms of the oldest and the newest reading of all meters."""
        ...

    def tables(self) -> Sequence[str]:
        """Names of the tables, sorted; views are not among them."""
        ...

    def rows(self, table: str) -> Iterator[Sequence[bytes]]:
        """The rows of a table, a few hundred at once, in no particular order."""
        ...

    def close(self) -> None:
        """Ends the moment."""
        ...


def open_snapshot(settings: StoreSettings) -> Snapshot:
    """Connects and holds the moment. Raises StoreDown, StoreRefused, SchemaOutdated."""
    if settings.kind == MariaSnapshot.kind:
        return MariaSnapshot(settings)
    assert settings.path is not None
    return SqliteSnapshot(settings.path)


def size(settings: StoreSettings) -> int:
    """About how many bytes the database takes on its disk; 0 where that cannot be told."""
    if settings.kind == MariaSnapshot.kind:
        return MariaSnapshot.size_of(settings)
    return settings.path.stat().st_size if settings.path and settings.path.exists() else 0


def disk_folder(settings: StoreSettings) -> Path | None:
    """The folder that the database's files are in, when they are on this machine."""
    if settings.kind == MariaSnapshot.kind:
        return None if settings.host else MariaSnapshot.folder_of(settings)
    return settings.path.parent if settings.path else None
