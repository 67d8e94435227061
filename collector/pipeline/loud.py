"""Says errors that may repeat a thousand times an hour, but each of them at most once a minute."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

#: Seconds of silence after a message of one kind.
SILENCE = 60.0


class Loud:
    """A logger for what goes on and on: the first message of a kind at once, then one a minute."""

    def __init__(self, log: logging.Logger, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._monotonic = monotonic
        self._quiet_until: dict[str, float] = {}

    def error(self, kind: str, message: str, *args: object) -> None:
        """Logs an error, unless one of this kind was logged less than a minute ago."""
        now = self._monotonic()
        if now >= self._quiet_until.get(kind, now):
            self._quiet_until[kind] = now + SILENCE
            self._log.error(message, *args)
