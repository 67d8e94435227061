"""Draws the seam between what is stored and who stores it: the few things in which the two databases differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

Row = Sequence[Any]
Result = TypeVar("Result")


class Database(Protocol):
    """One connection. Times go in as UTC ms through `moment` and come out as UTC ms through `ms`."""

    kind: str

    def select(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query."""
        ...

    def execute(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Runs one statement; the number of affected rows."""
        ...

    def bulk(self, sql: str, rows: Sequence[Row]) -> int:
        """Runs one statement for many rows at once; the number of affected rows."""
        ...

    def transaction(self, work: Callable[[], Result]) -> Result:
        """Runs the work in one transaction, again after a lock conflict; a failure leaves nothing behind."""
        ...

    def columns(self, table: str) -> frozenset[str]:
        """Names of a table's columns; empty when there is no such table."""
        ...

    def moment(self, ms: int) -> Any:
        """A time as this database takes it."""
        ...

    def ms(self, column: str) -> str:
        """SQL that hands a time out as UTC ms."""
        ...

    def bucket(self, width: int) -> str:
        """SQL for the start (UTC ms) of the bucket of this width (ms) that column `time` falls in."""
        ...

    def exact(self, column: str) -> str:
        """SQL that hands a FLOAT out with all its digits."""
        ...

    def any_flags(self) -> str:
        """SQL that joins column `flags` of a group's rows: the bitwise OR of them all."""
        ...

    def stored(self, quantity: str, value: float) -> float:
        """A value as it is after it was stored."""
        ...

    def insert_new(self, table: str, columns: Iterable[str]) -> str:
        """SQL that inserts what is not there yet and leaves the rest alone."""
        ...

    def upsert(self, table: str, columns: Sequence[str], key: Sequence[str]) -> str:
        """SQL that inserts, or overwrites the columns that are not key."""
        ...

    def newer_latest(self) -> str:
        """SQL that puts (meter_id, quantity, time, value, first_time) into `latest_value` where it is news."""
        ...

    def mark_due(self, which: str) -> str:
        """SQL that puts a day (meter_id, time) on the list of each calculation that `which` (SQL) is true of, or says
        there that it changed again: a version is never given twice."""
        ...

    def close(self) -> None:
        """Closes the connection."""
        ...


def marks(count: int) -> str:
    """`?, ?, ?`."""
    return ", ".join("?" * count)
