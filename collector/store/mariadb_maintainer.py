"""Looks after the MariaDB database: creates it, completes tables, columns, partitions and views, drops old months."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from collector.config.settings import StoreSettings
from collector.errors import SchemaOutdated, StoreRefused
from collector.store import partitions, views
from collector.store.database import Result
from collector.store.maintainer import Growth, described, refuse_wide
from collector.store.mariadb import MariaDatabase
from collector.store.retention import MINUTES, READINGS, removable, remove_rows, set_floor, told

#: s that a maintainer waits for another one.
PATIENCE = 60


class MariaMaintainer:
    """Implements `StoreMaintainer` on a MariaDB database."""

    def __init__(self, settings: StoreSettings, timezone: str) -> None:
        """`timezone`: the site's, for the views."""
        self._settings = settings
        self._timezone = timezone
        self._opened: MariaDatabase | None = None

    def _database(self) -> MariaDatabase:
        if self._opened is None:
            self._opened = MariaDatabase(self._settings)
        return self._opened

    def _create(self) -> list[str]:
        """Makes the database itself where it is missing."""
        try:
            self._database()
        except SchemaOutdated:
            name = _quoted(self._settings.database)
            server = MariaDatabase(self._settings, database=False)
            server.execute(f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
            server.close()
            return [f"database {self._settings.database}"]
        return []

    def migrate(self, columns: Mapping[str, Sequence[str]], now: int) -> Sequence[str]:
        """Applies pending migrations, meters, columns and partitions; says what was applied. Needs DDL rights."""
        refuse_wide(columns)
        done = self._create()
        return done + self._locked(lambda: self._grow(columns, now))

    def _locked(self, work: Callable[[], Result]) -> Result:
        """Does the work while no other maintainer does."""
        database, lock = self._database(), (f"phaselog.{self._settings.database}"[:64],)
        # The wait must end before the driver stops listening.
        for _ in range(PATIENCE // 20):
            if database.select("SELECT GET_LOCK(?, 20)", lock)[0][0] == 1:
                break
        else:
            hint = "wait until it is done, then try again"
            raise StoreRefused(f"another maintenance of database {self._settings.database} is under way", hint)
        try:
            return work()
        finally:
            database.select("SELECT RELEASE_LOCK(?)", lock)

    def _grow(self, columns: Mapping[str, Sequence[str]], now: int) -> list[str]:
        database = self._database()
        growth, done = Growth(database), []
        for migration in growth.migrations():
            growth.apply(migration, now)
            done.append(str(migration))
        growth.describe_quantities()
        for meter in growth.missing_meters(columns):
            growth.add_meter(meter)
            done.append(f"meter {meter}")
        for table, missing in growth.missing_columns(columns):
            parts = ", ".join(f"ADD COLUMN IF NOT EXISTS {column} {kind} NULL" for column, kind in missing)
            database.execute(f"ALTER TABLE {table} {parts}")
            done.append(described(table, missing))
        if months := partitions.missing(partitions.existing(database), now):
            database.execute(partitions.added(months))
            done.append(_months(len(months)))
        return done + views.put(database, tuple(columns), self._settings, self._timezone)

    def pending(self, columns: Mapping[str, Sequence[str]], now: int) -> Sequence[str]:
        """What `migrate` would do; read-only."""
        try:
            database = self._database()
        except SchemaOutdated:
            return [f"create database {self._settings.database}"]
        growth = Growth(database)
        lines = [str(migration) for migration in growth.migrations()]
        lines += [f"meter {meter}" for meter in growth.missing_meters(columns)]
        lines += [described(table, missing) for table, missing in growth.missing_columns(columns)]
        if months := partitions.missing(partitions.existing(database), now):
            lines.append(_months(len(months)))
        return lines

    def retain(self, now: int, raw_days: int, minute_days: int) -> Sequence[str]:
        """Drops whole months of readings, and removes minute rollups in pieces; says what went."""
        return self._locked(lambda: [*self._drop_months(now, raw_days), *self._remove_minutes(now, minute_days)])

    def _drop_months(self, now: int, days: int) -> list[str]:
        database = self._database()
        floor = removable(database, READINGS, now, days)
        old = partitions.droppable(partitions.existing(database), floor)
        limits = [each.below for each in old if each.below is not None]
        if not limits:
            return []
        # First it is written down that these readings may be missing, then they go: a writer never rebuilds from less.
        set_floor(database, READINGS, max(limits))
        names = ", ".join(each.name for each in old)
        ((rows,),) = database.select(f"SELECT COUNT(*) FROM reading PARTITION ({names})")
        database.execute(f"ALTER TABLE reading DROP PARTITION {names}")
        return [told(READINGS, max(limits), rows)] if rows else []

    def _remove_minutes(self, now: int, days: int) -> list[str]:
        database = self._database()
        floor = removable(database, MINUTES, now, days)
        removed = remove_rows(database, MINUTES, floor)
        return [told(MINUTES, floor, removed)] if removed else []

    def close(self) -> None:
        """Closes the connection."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _months(count: int) -> str:
    return f"reading: {count} monthly partitions"
