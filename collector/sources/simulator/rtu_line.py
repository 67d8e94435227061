"""Serves simulated meters on a serial line with the line's real timing (Modbus over serial line 1.02, 2.5.1.1).

On a pseudo-terminal bytes have no duration, so it is added: a request ends when its last character would have come, and
an answer appears when its characters would, in the lumps in which a UART's buffer hands them over.
"""

from __future__ import annotations

import logging
import os
import select
import stat
import termios
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from collector.sources.channel.serial_port import SerialPort
from collector.sources.linetime import character_seconds, silence_seconds
from collector.sources.simulator.pty import Pty
from collector.sources.simulator.request import LONGEST_FRAME, request_length
from collector.sources.simulator.served import Served
from collector.sources.simulator.station import Station, crc_is_right

log = logging.getLogger(__name__)

#: Characters that a UART collects before it tells the computer.
FIFO = 8
#: A pause that ends what was heard, s: longer than a scheduler keeps the asking program from writing on.
PAUSE = 0.02
#: Major device numbers of pseudo-terminals in Linux.
_PTY_MAJORS = range(136, 144)


class RtuLine(Served):
    """A served line: one thread, from now until `close`. `path`: what a collector opens."""

    def __init__(
        self, devices: Mapping[int, Station], baud: int, frame: str, end: tuple[int, Path, Callable[[], None]]
    ) -> None:
        """`devices` by unit; may change meanwhile. `end`: file descriptor, its path, and what closes it."""
        self._devices = devices
        super().__init__()
        self._fd, self.path, self._let_go = end
        self._speed = getattr(termios, f"B{baud}", termios.B0)
        self._character = character_seconds(baud, frame)
        self._silence = silence_seconds(baud, frame)
        self._paced = os.major(os.fstat(self._fd).st_rdev) in _PTY_MAJORS or _is_pty_master(self._fd)
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN)
        self._poll.register(self._wake, select.POLLIN)
        self._begin(f"line {self.path}")

    def _hang_up(self) -> None:
        self._let_go()

    def _run(self) -> None:
        try:
            self._serve()
        except OSError as error:
            log.warning("%s: the line is gone (%s)", self.path, error.strerror)

    def _serve(self) -> None:
        heard, began = b"", 0.0
        while (more := self._receive(PAUSE if heard else None)) is not None:
            began = began if heard else time.monotonic()
            heard += more
            length = request_length(heard)
            if more and (length is None or len(heard) < length) and len(heard) <= LONGEST_FRAME:
                continue
            # Whole, or followed by silence; whatever comes right behind a request belongs to no request.
            self._take(heard[:length] if length else heard, began)
            heard = b""

    def _receive(self, seconds: float | None) -> bytes | None:
        """What comes; empty after so much silence, None when the line is to be closed."""
        ready = self._poll.poll(None if seconds is None else seconds * 1000)
        if any(fd == self._wake for fd, _ in ready):
            return None
        if not ready:
            return b""
        with suppress(BlockingIOError):
            heard = os.read(self._fd, 4096)
            if not heard:
                raise OSError(0, "hung up")
            return heard
        return b""

    def _take(self, frame: bytes, began: float) -> None:
        ended = began + len(frame) * self._character if self._paced else time.monotonic()
        station = self._devices.get(frame[0])
        if station is None or not crc_is_right(frame) or not self._understood():
            return
        answer = station.rtu_answer(frame[0], frame[1:-2])
        if answer:
            self._say(answer, ended + self._silence + station.turnaround)

    def _understood(self) -> bool:
        """On a pseudo-terminal bytes arrive at any speed; on a wire those of another speed are noise."""
        return not self._paced or termios.tcgetattr(self._fd)[5] in (self._speed, termios.B0)

    def _say(self, answer: bytes, start: float) -> None:
        """Each lump appears when its last character would have come."""
        for at in range(0, len(answer), FIFO):
            lump = answer[at : at + FIFO]
            last = len(lump) + at if self._paced else at
            pause = start + last * self._character - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            with suppress(BlockingIOError):  # nobody reads: the characters are lost, as on a wire
                os.write(self._fd, lump)


def _is_pty_master(fd: int) -> bool:
    """Our end of a pseudo-terminal is /dev/ptmx: major 5, minor 2."""
    about = os.fstat(fd)
    return stat.S_ISCHR(about.st_mode) and (os.major(about.st_rdev), os.minor(about.st_rdev)) == (5, 2)


class _ServedPort(SerialPort):
    """A real port whose meters we are: what leaves it are answers."""

    def __init__(self, port: str, baud: int, frame: str) -> None:
        super().__init__(port, baud, frame, lambda frame: None)

    @property
    def fd(self) -> int:
        """Its file descriptor."""
        return self._fd


def serve_pty(devices: Mapping[int, Station], baud: int, frame: str, link: Path | None = None) -> RtuLine:
    """Serves on a new pseudo-terminal; `link` gives it a name. Raises UsageError."""
    pty = Pty(link)
    return RtuLine(devices, baud, frame, (pty.fd, pty.path, pty.close))


def serve_port(devices: Mapping[int, Station], baud: int, frame: str, path: Path) -> RtuLine:
    """Serves on a serial port, or on one end of a pair of pseudo-terminals. Raises LineError."""
    port = _ServedPort(str(path), baud, frame)
    port.connect()
    return RtuLine(devices, baud, frame, (port.fd, path, port.close))
