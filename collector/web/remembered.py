"""Remembers costly answers for a while, so that ten viewers cost the store no more than one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Remembered(Generic[Answer]):
    """Answers by key, each kept for `seconds`; safe to use from several threads."""

    def __init__(self, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Answer]] = {}

    def get(self, key: str, find: Callable[[], Answer]) -> Answer:
        """The remembered answer, or what `find` says now; its error is not remembered."""
        with self._lock:
            known = self._known.get(key)
        if known and self._monotonic() - known[0] < self._seconds:
            return known[1]
        answer = find()
        with self._lock:
            self._known[key] = (self._monotonic(), answer)
        return answer
