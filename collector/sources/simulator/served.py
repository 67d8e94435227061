"""Serves something in a thread of its own, from now until it is closed."""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Served(ABC):
    """One thread; `_wake` becomes readable when it is to end. A subclass calls `_begin` when it is ready."""

    def __init__(self) -> None:
        self._wake, self._wake_write = os.pipe()

    def _begin(self, name: str) -> None:
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread and hangs up; may be called twice."""
        if self._wake_write < 0:
            return
        os.write(self._wake_write, b"x")
        self._thread.join()
        self._hang_up()
        os.close(self._wake)
        os.close(self._wake_write)
        self._wake_write = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def _run(self) -> None:
        """Serves until `_wake` is readable."""

    @abstractmethod
    def _hang_up(self) -> None:
        """Closes what was served; the thread has ended."""
