"""Empties the outbox of one channel: what is due goes in one message, at most one a minute, until it was taken."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from collector.errors import OutletError
from collector.insight.alerts.notice import Message, Notice
from collector.outlets.outbox import Outbox
from collector.service.alert_rules import Channel

log = logging.getLogger(__name__)

#: How often it looks without being woken, s.
EVERY = 10.0
#: One channel sends at most so often (s): what comes together is one message.
LEAST_EVERY = 60.0
#: After a failure a channel waits, twice as long each time, s.
FIRST_RETRY, LAST_RETRY = 60.0, 3600.0


#: Writes one message out of notices.
Write = Callable[[Sequence[Notice]], Message]


class Sender(threading.Thread):
    """Empties one channel's part of the outbox; a dead channel costs nobody else anything."""

    def __init__(self, name: str, channel: Channel, outbox: Outbox, write: Write) -> None:
        super().__init__(name=f"send {name}", daemon=True)
        self._channel_name = name
        self._channel = channel
        self._outbox = outbox
        self._write = write
        self._wake = threading.Event()
        self._not_before = 0.0
        self._wait = FIRST_RETRY
        self.stopped = False

    def wake(self) -> None:
        """There may be something to send."""
        self._wake.set()

    def run(self) -> None:
        """Sends what is due until the process ends."""
        while not self.stopped:
            self._wake.wait(EVERY)
            self._wake.clear()
            if not self.stopped and time.monotonic() >= self._not_before:
                self.turn(int(time.time() * 1000))

    def turn(self, now: int) -> bool:
        """Sends everything that is due in one message; False when it was not taken."""
        due = {path: notice for path, notice in self._notices() if notice.due <= now}
        if not due:
            return True
        written = self._write(list(due.values()))
        try:
            self._channel.send(written.id, written.headline, written.text)
        except OutletError as error:
            log.warning("%s (%s); %d messages wait, next try in %.0f s", error, error.hint, len(due), self._wait)
            self._not_before = time.monotonic() + self._wait
            self._wait = min(LAST_RETRY, 2 * self._wait)
            return False
        self._outbox.sent(due)
        self._not_before, self._wait = time.monotonic() + LEAST_EVERY, FIRST_RETRY
        return True

    def _notices(self) -> Sequence[tuple[Path, Notice]]:
        found = []
        for path, text in self._outbox.waiting(self._channel_name).items():
            try:
                found.append((path, Notice.from_json(text)))
            except (ValueError, KeyError, TypeError):
                log.error("%s is damaged and set aside", path)
                path.rename(path.with_suffix(".damaged"))
        return found
