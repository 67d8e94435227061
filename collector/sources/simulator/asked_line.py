"""Serves simulated meters that are asked in frames of their own protocol, at the pace of a real line (EIA-485)."""

from __future__ import annotations

import logging
import os
import select
import termios
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path

from collector.sources.linetime import character_seconds
from collector.sources.simulator.pty import Pty
from collector.sources.simulator.rtu_line import FIFO
from collector.sources.simulator.served import Served

log = logging.getLogger(__name__)

#: Finds the first whole request in what was heard: (request, what follows it); None while there is none.
Cut = Callable[[bytes], tuple[bytes, bytes] | None]
#: Spoils an answer: (s after the turnaround, bytes) instead of it.
Fault = Callable[[bytes], Iterable[tuple[float, bytes]]]
#: A pause that ends what was heard, s; and the most that is kept of what is no request.
_PAUSE, _MOST = 0.2, 512


class AskedMeter(ABC):
    """One meter of such a line. `turnaround`: s from the end of the request to the first byte of the answer."""

    turnaround: float = 0.03

    @abstractmethod
    def answer(self, request: bytes) -> bytes | None:
        """What it says to this request; None for silence."""


class AskedLine(Served):
    """A served line: one thread, from now until `close`. `path`: what a collector opens.

    `faults` are used up, one an answer. `requests`: what was asked. `echo`: the asking adapter hears itself.
    """

    def __init__(self, meters: Sequence[AskedMeter], cut: Cut, baud: int, frame: str, link: Path | None = None) -> None:
        """`meters`: may change meanwhile. `link` gives the new pseudo-terminal a name. Raises UsageError."""
        super().__init__()
        self.meters = meters
        self.faults: deque[Fault] = deque()
        self.requests: list[bytes] = []
        self.echo = False
        self._cut = cut
        self._pty = Pty(link)
        self.path = self._pty.path
        self._speed = getattr(termios, f"B{baud}", termios.B0)
        self._character = character_seconds(baud, frame)
        self._begin(f"line {self.path}")

    def _hang_up(self) -> None:
        self._pty.close()

    def _run(self) -> None:
        heard, began = b"", 0.0
        while (more := self._receive(_PAUSE if heard else None)) is not None:
            began = began if heard else time.monotonic()
            heard = heard + more if more else b""
            while found := self._cut(heard):
                request, heard = found
                self._take(request, began)
                began = time.monotonic()
            heard = heard[-_MOST:]

    def _receive(self, seconds: float | None) -> bytes | None:
        """What comes; empty after so much silence, None when the line is to be closed."""
        ready, _, _ = select.select([self._pty.fd, self._wake], [], [], seconds)
        if self._wake in ready:
            return None
        try:
            return os.read(self._pty.fd, 4096) if ready else b""
        except OSError:
            return b""

    def _take(self, request: bytes, began: float) -> None:
        ended = began + len(request) * self._character
        if termios.tcgetattr(self._pty.fd)[5] not in (self._speed, termios.B0):
            return  # another speed is noise on a wire
        self.requests.append(request)
        if self.echo:
            self._say(request, began)
        answers = [(meter, answer) for meter in self.meters if (answer := meter.answer(request)) is not None]
        if not answers:
            return
        start = ended + max(meter.turnaround for meter, _ in answers)
        said = _together([answer for _, answer in answers])
        for delay, lump in self.faults.popleft()(said) if self.faults else [(0.0, said)]:
            self._say(lump, start + delay)

    def _say(self, said: bytes, start: float) -> None:
        """Each lump appears when its last character would have come, as a UART's buffer hands it over."""
        for at in range(0, len(said), FIFO):
            lump = said[at : at + FIFO]
            pause = start + (at + len(lump)) * self._character - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            with suppress(OSError):  # nobody reads: the characters are lost, as on a wire
                os.write(self._pty.fd, lump)


def _together(said: Sequence[bytes]) -> bytes:
    """What is heard when several speak at once: a 0 wins."""
    mixed = said[0]
    for other in said[1:]:
        mixed = bytes(a & b for a, b in zip_longest(mixed, other, fillvalue=0xFF))
    return mixed
