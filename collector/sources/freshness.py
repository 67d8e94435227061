"""Throws away what a meter said while nobody listened: its time is not known any more, and it may have holes."""

from __future__ import annotations

from collector.model.ports import Ticker
from collector.sources.channel.channel import Channel

#: s without listening (a slow disk) that a stamp may be wrong by.
STALE = 2.0
#: The word under which that is counted.
LATE = "bad_answer_late"
#: A port holds 4 kB, a socket some 100 kB.
_MOST_READS = 64


class Freshness:
    """Knows when the channel was listened to last."""

    def __init__(self, channel: Channel, ticker: Ticker) -> None:
        self._channel = channel
        self._ticker = ticker
        self._left = ticker.monotonic()

    def restored(self) -> bool:
        """True if nobody listened for too long: then the open channel has been emptied. Raises LineError."""
        if not self._channel.open or self._ticker.monotonic() - self._left <= STALE:
            return False
        thrown_away = False
        for _ in range(_MOST_READS):
            if not self._channel.receive(0):
                break
            thrown_away = True
        return thrown_away

    def listened(self) -> None:
        """Says that what came until now was taken."""
        self._left = self._ticker.monotonic()
