"""Lets the doctor look at everything now and then, aside, so that no visitor waits for it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from collector.model.finding import Finding, skipped

#: s that a look is good for; nobody looks while nobody asks.
GOOD_FOR = 30.0
#: An older one (s) is worth waiting for: the first visitor after a quiet night must not be told what was yesterday.
TOO_OLD = 120.0
#: s that one request waits at most.
PATIENCE = 3.0

log = logging.getLogger(__name__)


class Rounds:
    """The findings of the last look; safe to use from several threads, one look at a time."""

    def __init__(
        self, examine: Callable[[], Sequence[Finding]], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._examine = examine
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._found: Sequence[Finding] = [skipped("examination", "is under way: look again in a moment")]
        self._looked_at = float("-inf")
        self._thread: threading.Thread | None = None

    def found(self) -> Sequence[Finding]:
        """What was found lately; starts a look when that is a while ago."""
        with self._lock:
            age = self._monotonic() - self._looked_at
            started = self._start() if age > GOOD_FOR and self._thread is None else None
        # Only who started it waits: a look that hangs must not make every visitor wait.
        if started and age > TOO_OLD:
            started.join(PATIENCE)
        return self._found

    def _start(self) -> threading.Thread:
        self._thread = threading.Thread(target=self._look, name="doctor", daemon=True)
        self._thread.start()
        return self._thread

    def _look(self) -> None:
        try:
            self._found = self._examine()
        except Exception:
            log.exception("the doctor could not look")
        with self._lock:
            self._looked_at = self._monotonic()
            self._thread = None
