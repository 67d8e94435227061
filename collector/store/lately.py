"""Remembers for a moment what a database says of itself, where a page or a doctor asks it a hundred times in a row."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from collector.store.columns import known
from collector.store.database import Database

#: s that an answer is good for: nobody notices a new column, or a database that was put in place of another, sooner.
GOOD_FOR = 1.0

Answer = TypeVar("Answer")


class Lately:
    """What one connection said lately; for one thread."""

    def __init__(self, database: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._monotonic = monotonic
        self._asked_at = float("-inf")
        self._quantities: dict[str, frozenset[str]] = {}
        self._meters: dict[str, int] = {}

    def quantities(self, table: str) -> frozenset[str] | None:
        """Names of those that have columns in this table; None where there is no such table."""
        self._forget()
        if table not in self._quantities:
            there = self._database.columns(table)
            if not there:
                return None
            self._quantities[table] = frozenset(quantity.name for quantity in known(there, table))
        return self._quantities[table]

    def meter_id(self, name: str) -> int | None:
        """None where nothing of it is stored yet."""
        self._forget()
        if name not in self._meters:
            self._meters = {
                str(known): int(number) for known, number in self._database.select("SELECT name, id FROM meter")
            }
        return self._meters.get(name)

    def _forget(self) -> None:
        now = self._monotonic()
        if now - self._asked_at > GOOD_FOR:
            self._asked_at = now
            self._quantities.clear()
            self._meters.clear()
