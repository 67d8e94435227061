"""Stores one event for those who may insert events and nothing else."""

from __future__ import annotations

from collector.config.settings import StoreSettings
from collector.model.event import Event
from collector.store.database import Database
from collector.store.mariadb import MariaDatabase
from collector.store.sqlite import SqliteDatabase


def note(settings: StoreSettings, event: Event) -> None:
    """Stores the event. Raises StoreError when the database cannot take it."""
    database: Database
    if settings.kind == MariaDatabase.kind:
        database = MariaDatabase(settings)
    else:
        assert settings.path is not None
        database = SqliteDatabase(settings.path, mode="rw")
    try:
        values = (database.moment(event.time), event.kind, event.meter or "", event.message)
        database.execute("INSERT INTO event (time, kind, meter, message) VALUES (?, ?, ?, ?)", values)
    finally:
        database.close()
