"""Carries bytes to and from one port or socket: the only place where bytes leave the box for a meter."""

from __future__ import annotations

import os
import select
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from collector.errors import LineError

#: The protocol's own judge of what may be sent to a meter.
Permit = Callable[[bytes], None]


class Channel(ABC):
    """An open or closed way to the meters. Every error of the operating system becomes a LineError and closes it."""

    #: Told of every byte that passes any channel of this process ("meter" or "logger" sent it); `phaselog record`.
    tap: ClassVar[Callable[[str, bytes], None] | None] = None

    def __init__(self, target: str, permit: Permit) -> None:
        """`target`: how people call it; `permit`: raises UsageError for bytes that would do more than read."""
        self.target = target
        self._permit = permit
        self._fd = -1
        self._poll = select.poll()

    @property
    def open(self) -> bool:
        """True while there is a connection."""
        return self._fd >= 0

    def connect(self) -> None:
        """Opens it; raises a LineError that says why it cannot be opened."""
        self._fd = self._connect()
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN)

    def close(self) -> None:
        """Closes it; may be called twice."""
        if self._fd >= 0:
            self._fd = -1
            self._close()

    def send(self, frame: bytes) -> None:
        """Sends one request; whatever would not only read is refused here (UsageError), before a byte has left."""
        self._permit(frame)
        try:
            sent = os.write(self._fd, frame)
        except OSError as error:
            raise self.lost(str(error.strerror)) from error
        if sent != len(frame):
            raise self.lost("it takes no more bytes")
        if Channel.tap:
            Channel.tap("logger", frame)

    def receive(self, seconds: float) -> bytes:
        """What comes within this time, as soon as there is anything; empty when nothing came."""
        try:
            events = self._poll.poll(seconds * 1000 if seconds > 0 else 0)
            if not events:
                return b""
            heard = os.read(self._fd, 4096) if events[0][1] & select.POLLIN else b""
        except BlockingIOError:
            return b""
        except OSError as error:
            raise self.lost(str(error.strerror)) from error
        if not heard:
            raise self.lost("it was closed or unplugged")
        if Channel.tap:
            Channel.tap("meter", heard)
        return heard

    def lost(self, reason: str) -> LineError:
        """Closes and returns the error to raise."""
        self.close()
        return self._lost(reason)

    @abstractmethod
    def _connect(self) -> int: ...

    @abstractmethod
    def _close(self) -> None: ...

    @abstractmethod
    def _lost(self, reason: str) -> LineError: ...
