"""Opens the store that the configuration names; the MariaDB driver is imported only when it is wanted."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from collector.config.settings import SiteSettings, StoreSettings
from collector.errors import SchemaOutdated, StoreRefused
from collector.model.account_store import AccountStore
from collector.model.alert import AlertDesk, AlertLog
from collector.model.insight import InsightStore
from collector.model.ports import StoreMaintainer, StoreReader, StoreWriter
from collector.store.accounts import Accounts
from collector.store.alerts import Alerts, Desk
from collector.store.database import Database
from collector.store.described import describe_mariadb, describe_sqlite
from collector.store.insight import Insights
from collector.store.mariadb import MariaDatabase
from collector.store.mariadb_maintainer import MariaMaintainer
from collector.store.reader import Reader
from collector.store.sqlite import SqliteDatabase
from collector.store.sqlite_maintainer import SqliteMaintainer
from collector.store.writer import Writer

MARIADB = "mariadb"


def _system_now() -> int:
    return int(time.time() * 1000)


def _path(settings: StoreSettings) -> Path:
    if settings.path is None:
        raise StoreRefused("store.path is not set", 'name a file: path = "readings.sqlite"')
    return settings.path


def open_writer(
    settings: StoreSettings,
    site: SiteSettings,
    moduli: Mapping[tuple[str, str], float] | None = None,
    now: Callable[[], int] = _system_now,
) -> StoreWriter:
    """Connects for writing. Raises StoreDown, StoreRefused, SchemaOutdated.

    `moduli`: (meter, quantity) -> value after which the counter starts at 0 again, in the quantity's unit.
    `now`: system clock in UTC ms; a rollup bucket is computed when it is over by this clock or by the readings.
    """
    if settings.kind == MARIADB:
        return Writer(MariaDatabase(settings), site.zone, moduli or {}, now)
    path = _path(settings)
    if not path.exists():
        raise SchemaOutdated(f"SQLite file {path}: it does not exist yet", "phaselog db migrate creates it")
    return Writer(SqliteDatabase(path, mode="rw"), site.zone, moduli or {}, now)


def open_insights(settings: StoreSettings, site: SiteSettings) -> InsightStore:
    """Connects for the job of the calculations: it reads everything and writes results. Raises StoreDown, StoreRefused.

    What it reads it reads as the page does, over a connection of its own.
    """
    reader = _reader(settings, site)
    return Insights(_read_write(settings), reader)


def open_reader(settings: StoreSettings, site: SiteSettings) -> StoreReader:
    """Connects for reading only. Raises StoreDown, StoreRefused."""
    return _reader(settings, site)


def _reader(settings: StoreSettings, site: SiteSettings) -> Reader:
    if settings.kind == MARIADB:
        describe = partial(describe_mariadb, timezone=site.timezone, now=_system_now())
        return Reader(lambda: MariaDatabase(settings, read_only=True), describe)
    path = _path(settings)
    return Reader(lambda: SqliteDatabase(path, mode="ro"), describe_sqlite)


def open_accounts(settings: StoreSettings) -> AccountStore:
    """Connects for the page's own tables. Raises StoreDown, StoreRefused."""
    return Accounts(_read_write(settings))


def open_alert_log(settings: StoreSettings) -> AlertLog:
    """Connects for writing down what alert rules find. Raises StoreDown, StoreRefused."""
    return Alerts(_read_write(settings))


def open_alert_desk(settings: StoreSettings) -> AlertDesk:
    """Connects for the page's part in alerts: to see them, to take notice, to try a channel."""
    return Desk(_read_write(settings))


def _read_write(settings: StoreSettings) -> Database:
    if settings.kind == MARIADB:
        return MariaDatabase(settings)
    return SqliteDatabase(_path(settings), mode="rw")


def open_maintainer(settings: StoreSettings, site: SiteSettings) -> StoreMaintainer:
    """Prepares maintenance; connects when it is asked to do something. Raises StoreDown, StoreRefused."""
    if settings.kind == MARIADB:
        return MariaMaintainer(settings, site.timezone)
    return SqliteMaintainer(_path(settings))
