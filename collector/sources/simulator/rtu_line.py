"""Serves Modbus RTU on a pseudo-terminal or serial port, at the pace of a real line (Modbus over serial line 1.02).

A pty knows no baud: bytes would arrive all at once. Here the answer appears in lumps of a few characters, each at the
moment at which a UART would have it, after the request's own characters, t3.5 and the meter's turnaround.
"""

from __future__ import annotations

import contextlib
import os
import pty
import select
import threading
import time
import tty
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import serial
from pymodbus.framer import FramerRTU

from collector.errors import PortMissing
from collector.sources.linetime import character_seconds, silence_seconds
from collector.sources.simulator.meter import SimulatedMeter

#: A UART with a FIFO hands over this many characters at once.
FIFO = 16
_REQUEST = {1: 8, 2: 8, 3: 8, 4: 8, 5: 8, 6: 8, 0x11: 4, 0x2B: 7}


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of one character, and of the silence before an answer."""

    character: float
    silence: float


class ServedLine:
    """A line with meters on it, served by a thread until closed."""

    def __init__(self, descriptor: int, path: Path, devices: Mapping[int, SimulatedMeter], pace: Pace) -> None:
        self.path = path
        self._fd = descriptor
        self._devices = devices
        self._pace = pace
        self._link: Path | None = None
        self._slave: int | None = None
        self._ended = False
        self._wake, self._waker = os.pipe()
        self._thread = threading.Thread(target=self._serve, name=f"simulated {path}", daemon=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the line: whoever has it open sees it unplugged."""
        if self._ended:
            return
        self._ended = True
        os.write(self._waker, b".")
        self._thread.join(5)
        if self._link is not None:
            self._link.unlink(missing_ok=True)
        for descriptor in (self._fd, self._slave, self._wake, self._waker):
            if descriptor is not None:
                with contextlib.suppress(OSError):
                    os.close(descriptor)

    def _serve(self) -> None:
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        heard, first = b"", 0.0
        while not self._ended:
            # Half a frame that is not continued is noise: a meter forgets it after a silence.
            ready = poll.poll(50 if heard else None)
            if self._ended:
                return
            if not ready:
                heard = b""
                continue
            now = time.monotonic()
            try:
                lump = os.read(self._fd, 512)
            except OSError:
                time.sleep(0.02)  # nobody has the port open
                continue
            first = first if heard else now
            heard = self._hear(heard + lump, first)

    def _hear(self, heard: bytes, first: float) -> bytes:
        """Answers a whole request; returns what is left of what was heard."""
        length = _REQUEST.get(heard[1], 0) if len(heard) > 1 else 8
        if length == 0:
            return b""
        if len(heard) < length:
            return heard
        frame, rest = heard[:length], heard[length:]
        device = self._devices.get(frame[0])
        if device is None or FramerRTU.compute_CRC(frame[:-2]) != int.from_bytes(frame[-2:], "big"):
            return b""
        body = frame[:1] + device.respond(frame[1:-2])
        answer = body + FramerRTU.compute_CRC(body).to_bytes(2, "big")
        start = first + len(frame) * self._pace.character + max(self._pace.silence, device.model.turnaround)
        self._say(answer, start)
        return rest

    def _say(self, answer: bytes, start: float) -> None:
        for begin in range(0, len(answer), FIFO):
            lump = answer[begin : begin + FIFO]
            wait = start + (begin + len(lump)) * self._pace.character - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            with contextlib.suppress(OSError):
                os.write(self._fd, lump)


def serve_pty(devices: Mapping[int, SimulatedMeter], baud: int, frame: str, link: Path | None = None) -> ServedLine:
    """Serves on a new pseudo-terminal; `link` becomes a symbolic link to it."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    path = Path(os.ttyname(slave))
    line = ServedLine(master, path, devices, Pace(character_seconds(baud, frame), silence_seconds(baud, frame)))
    # Held open, so that a client that closes and opens again does not look like an unplugged cable.
    line._slave = slave
    if link is not None:
        link.unlink(missing_ok=True)
        link.symlink_to(path)
        line._link = link
        line.path = link
    line._thread.start()
    return line


def serve_port(devices: Mapping[int, SimulatedMeter], baud: int, frame: str, port: Path) -> ServedLine:
    """Serves on a real serial port, which keeps its own pace; raises PortMissing."""
    try:
        opened = serial.Serial(str(port), baud, int(frame[0]), frame[1], int(frame[2]), timeout=0, exclusive=True)
    except (OSError, serial.SerialException) as error:
        raise PortMissing(f"{port}: cannot be opened: {error}", "is it there, and may you use it?") from error
    descriptor = os.dup(opened.fileno())
    opened.close()
    line = ServedLine(descriptor, port, devices, Pace(0.0, silence_seconds(baud, frame)))
    line._thread.start()
    return line
