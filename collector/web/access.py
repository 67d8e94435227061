"""Asks the store on behalf of the page: opens it when first needed, and again after it went away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from collector.errors import StoreDown

Answer = TypeVar("Answer")


class Closable(Protocol):
    """What can be closed."""

    def close(self) -> None:
        """Closes it."""
        ...


Opened = TypeVar("Opened", bound=Closable)

#: s during which a store that was down is not tried again: a slow refusal must not hold every thread of the page.
RETRY_AFTER = 3.0


class StoreAccess(Generic[Opened]):
    """The page's only way to the store, or to its own tables there; safe to use from several threads."""

    def __init__(self, open_store: Callable[[], Opened], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._open = open_store
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._reader: Opened | None = None
        self._down: StoreDown | None = None
        self._retry_at = 0.0

    def ask(self, question: Callable[[Opened], Answer]) -> Answer:
        """Puts the question to the store; raises StoreError. After StoreDown the store is opened anew next time."""
        reader = self._opened()
        try:
            return question(reader)
        except StoreDown as down:
            self._lost(down)
            raise

    def _opened(self) -> Opened:
        with self._lock:
            if self._reader is None:
                if self._down and self._monotonic() < self._retry_at:
                    raise StoreDown(str(self._down), self._down.hint)
                try:
                    self._reader = self._open()
                except StoreDown as down:
                    self._remember(down)
                    raise
                self._down = None
            return self._reader

    def _lost(self, down: StoreDown) -> None:
        with self._lock:
            reader, self._reader = self._reader, None
            self._remember(down)
        if reader:
            reader.close()

    def _remember(self, down: StoreDown) -> None:
        self._down = down
        self._retry_at = self._monotonic() + RETRY_AFTER
