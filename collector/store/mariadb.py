"""Speaks to MariaDB: one connection, strict, in UTC, which is made anew when it was lost."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from collector.config.settings import StoreSettings
from collector.errors import StoreDown, StoreError, StoreRefused
from collector.model.quantity import QUANTITIES
from collector.store.complaint import LOST, RETRIED, explained
from collector.store.database import Result, Row, marks

CONNECT_TIMEOUT = 10
ANSWER_TIMEOUT = 30
TRIES = 5
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (DATETIME has no zone; the session is in UTC)
_SESSION = (
    "SET SESSION time_zone = '+00:00',"
    " sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO',"
    " lock_wait_timeout = 30, innodb_lock_wait_timeout = 10"
)
_FLOAT = struct.Struct("<f")


def driver() -> Any:
    """The package `mariadb`; StoreError with what to install when it is missing."""
    try:
        import mariadb  # noqa: PLC0415 (wanted only where the store is MariaDB)
    except ImportError as error:
        hint = "apt install libmariadb-dev gcc python3-dev, then pip install -c requirements.txt .[mariadb]"
        raise StoreError(f"the Python package mariadb cannot be used: {error}", hint) from error
    return mariadb


def _password(settings: StoreSettings) -> str | None:
    if settings.password_file is None:
        return None
    try:
        return settings.password_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        hint = "store.password_file must be readable for this user"
        raise StoreRefused(
            f"the password file {settings.password_file} cannot be read: {error.strerror}", hint
        ) from error


def login(settings: StoreSettings) -> dict[str, Any]:
    """What the driver needs to connect; values that are not set are left to its defaults."""
    target = {"host": settings.host, "port": settings.tcp_port} if settings.host else {"unix_socket": settings.socket}
    given = {**target, "user": settings.user, "password": _password(settings), "database": settings.database}
    return {name: value for name, value in given.items() if value is not None}


class MariaDatabase:
    """A connection to one MariaDB database; implements `Database`."""

    kind = "mariadb"

    def __init__(self, settings: StoreSettings, *, read_only: bool = False, database: bool = True) -> None:
        """Connects. `database`: False leaves the choice of the database open (it may not exist yet)."""
        self._driver = driver()
        self.settings = settings
        self._login = login(settings)
        if not database:
            self._login.pop("database")
        self._read_only = read_only
        self._link: Any = None
        self._depth = False
        self._connect()

    def _connect(self) -> Any:
        if self._link is None:
            try:
                link = self._driver.connect(
                    **self._login, autocommit=True, connect_timeout=CONNECT_TIMEOUT,
                    read_timeout=ANSWER_TIMEOUT, write_timeout=ANSWER_TIMEOUT, local_infile=False,
                )  # fmt: skip
                cursor = link.cursor()
                cursor.execute(_SESSION)
                cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
                if self._read_only:
                    cursor.execute("SET SESSION TRANSACTION READ ONLY")
                cursor.close()
            except self._driver.Error as error:
                raise explained(error, self.settings) from error
            self._link = link
        return self._link

    def _run(self, call: Callable[[Any], Result]) -> Result:
        """Gives the call a cursor; a lost connection is forgotten, so that the next call makes a new one."""
        cursor = self._connect().cursor()
        try:
            return call(cursor)
        except self._driver.Error as error:
            meaning = explained(error, self.settings)
            if isinstance(meaning, StoreDown) and error.errno not in RETRIED:
                self._forget()
            raise meaning from error
        finally:
            if self._link is not None:
                cursor.close()

    def _forget(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            try:
                link.close()
            except self._driver.Error:
                return

    def select(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query; outside a transaction once more when the connection had been lost meanwhile."""

        def work(cursor: Any) -> list[Row]:
            cursor.execute(sql, tuple(values))
            found: list[Row] = cursor.fetchall()
            return found

        try:
            return self._run(work)
        except StoreDown as error:
            if self._depth or getattr(error.__cause__, "errno", None) not in LOST:
                raise
            return self._run(work)

    def execute(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Runs one statement; the number of affected rows."""

        def work(cursor: Any) -> int:
            cursor.execute(sql, tuple(values))
            return int(cursor.rowcount)

        return self._run(work)

    def bulk(self, sql: str, rows: Sequence[Row]) -> int:
        """Runs one statement for many rows in one message (COM_STMT_BULK_EXECUTE); the number of affected rows."""

        def work(cursor: Any) -> int:
            cursor.executemany(sql, list(rows))
            return int(cursor.rowcount)

        return self._run(work)

    def transaction(self, work: Callable[[], Result]) -> Result:
        """Runs the work in one transaction, again after a lock conflict (1020, 1205, 1213)."""
        for attempt in range(TRIES):
            try:
                return self._once(work)
            except StoreError as error:
                if getattr(error.__cause__, "errno", None) not in RETRIED or attempt == TRIES - 1:
                    raise
                time.sleep(0.05 * 2**attempt)
        raise AssertionError("the last try returns or raises")

    def _once(self, work: Callable[[], Result]) -> Result:
        self._begin()
        self._depth = True
        try:
            result = work()
            self.execute("COMMIT")
        except BaseException:
            if self._link is not None:
                self._roll_back()
            raise
        finally:
            self._depth = False
        return result

    def _begin(self) -> None:
        try:
            self.execute("START TRANSACTION")
        except StoreDown:
            # The server was restarted since the last commit: nothing was under way, so a new connection is as good.
            self.execute("START TRANSACTION")

    def _roll_back(self) -> None:
        try:
            self.execute("ROLLBACK")
        except StoreError:
            self._forget()

    def columns(self, table: str) -> frozenset[str]:
        """Names of a table's columns; empty when there is no such table."""
        sql = "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?"
        return frozenset(name for (name,) in self.select(sql, (table,)))

    def moment(self, ms: int) -> datetime:
        """DATETIME(3) in UTC."""
        return _EPOCH + timedelta(milliseconds=ms)

    def ms(self, column: str) -> str:
        """SQL that hands a time out as UTC ms; unlike UNIX_TIMESTAMP it does not end in 2038."""
        return f"TIMESTAMPDIFF(MICROSECOND, '1970-01-01', {column}) DIV 1000"

    def bucket(self, width: int) -> str:
        """SQL for the start of the bucket that column `time` falls in."""
        return f"TIMESTAMPDIFF(SECOND, '1970-01-01', time) DIV {width // 1000} * {width}"

    def exact(self, column: str) -> str:
        """A FLOAT alone is handed out with six digits."""
        return f"{column} * 1e0"

    def any_flags(self) -> str:
        """MariaDB has an aggregate for it."""
        return "BIT_OR(flags)"

    def stored(self, quantity: str, value: float) -> float:
        """Gauges are kept with 24 bits."""
        if QUANTITIES[quantity].counts:
            return value
        single: float = _FLOAT.unpack(_FLOAT.pack(value))[0]
        return single

    def insert_new(self, table: str, columns: Iterable[str]) -> str:
        """SQL that inserts what is not there yet; IGNORE would also swallow rows that no partition takes."""
        names = list(columns)
        insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks(len(names))})"
        return f"{insert} ON DUPLICATE KEY UPDATE {names[0]} = {names[0]}"

    def upsert(self, table: str, columns: Sequence[str], key: Sequence[str]) -> str:
        """SQL that inserts, or overwrites the columns that are not key."""
        sets = ", ".join(f"{name} = VALUES({name})" for name in columns if name not in key) or f"{key[0]} = {key[0]}"
        return (
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks(len(columns))}) ON DUPLICATE KEY UPDATE {sets}"
        )

    def newer_latest(self) -> str:
        """SQL that puts a value into `latest_value` where it is news; `value` first, it looks at the old time."""
        return (
            "INSERT INTO latest_value (meter_id, quantity, time, value, first_time) VALUES (?, ?, ?, ?, ?)"
            " ON DUPLICATE KEY UPDATE value = IF(VALUES(time) >= time, VALUES(value), value),"
            " time = GREATEST(time, VALUES(time)), first_time = LEAST(first_time, VALUES(first_time))"
        )

    def mark_due(self, which: str) -> str:
        """SQL that puts a day on the list of each such calculation."""
        return (
            "INSERT INTO insight_due (calculation, meter_id, time, version)"
            " SELECT name, ?, ?, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) FROM insight_calculation"
            f" WHERE {which} ON DUPLICATE KEY UPDATE version = version + 1"
        )

    def close(self) -> None:
        """Closes the connection."""
        self._forget()
