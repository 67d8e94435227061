"""Stands for an optical head (or a current loop) with meters: characters take their time, and their speed matters.

What is sent or read at another speed than it should be arrives as noise, as on a wire. What is meant to leave later
waits in one queue, ordered by time.
"""

from __future__ import annotations

import heapq
import itertools
import os
import select
import termios
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random

from collector.sources.iec62056.characters import ETX, SOH, seven_bits, with_parity
from collector.sources.simulator.optical.meter import OpticalMeter
from collector.sources.simulator.pty import Pty
from collector.sources.simulator.served import Served

#: Start bit, seven bits, parity, stop bit.
BITS = 10
_SPEEDS = {getattr(termios, f"B{baud}"): baud for baud in (300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 115200)}
#: s without a character after which a half message is forgotten.
FORGET = 1.5
#: s by which this thread may be late and still know at which speed the other end was.
_IN_TIME = 0.02
_Event = tuple[float, int, Callable[[], None]]


class OpticalHead(Served):
    """A served line: one thread, from now until `close`. `path`: what a collector opens.

    Tests turn its knobs: `attached` (the head is on the meter), `noise` (share of damaged characters), `echo`, and
    `late` (s until a USB adapter begins to send).
    """

    def __init__(
        self, meters: Sequence[OpticalMeter], link: Path | None = None, *, echo: bool = False, parity: bool = True
    ) -> None:
        """`parity`: 7E1, else the characters come without parity bit, as from an adapter that took it off."""
        super().__init__()
        self.meters = tuple(meters)
        self.attached = True
        self.noise = 0.0
        self.late = 0.0
        self.echo = echo
        self.said = 0  #: characters that left the meters
        self._parity = parity
        self._pty = Pty(link)
        self.path = self._pty.path
        self._chance = Random(62056)
        self._queue: list[_Event] = []
        self._order = itertools.count()
        self._heard = b""
        self._heard_at = 0.0
        self._free_at = 0.0
        self._behind = 0.0  #: s by which this thread is late with what it does now
        self._poll = select.poll()
        self._poll.register(self._pty.fd, select.POLLIN)
        self._poll.register(self._wake, select.POLLIN)
        self._begin(f"head {self.path}")

    def push(self, meter: OpticalMeter, every: float, speed: int = 9600) -> None:
        """Has a meter send by itself (mode D), each time `every` s after the beginning of the last; call it once."""
        self._at(time.monotonic(), lambda: self._push(meter, every, speed))
        os.write(self._wake_write, b".")

    def _hang_up(self) -> None:
        self._pty.close()

    def _run(self) -> None:
        while True:
            wait = max(0.0, self._queue[0][0] - time.monotonic()) if self._queue else 1.0
            ready = {fd for fd, _ in self._poll.poll(wait * 1000)}
            if self._wake in ready and b"x" in os.read(self._wake, 64):
                return
            if self._pty.fd in ready:
                with suppress(BlockingIOError):
                    self._arrived(os.read(self._pty.fd, 4096))
            while self._queue and self._queue[0][0] <= time.monotonic():
                when, _, what = heapq.heappop(self._queue)
                self._behind = time.monotonic() - when
                what()

    def _at(self, when: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (when, next(self._order), what))

    def _port_speed(self) -> int:
        """What the other end is set to now."""
        return _SPEEDS.get(termios.tcgetattr(self._pty.fd)[4], 0)

    def _hears(self, speed: int) -> bool:
        """True where the other end is set to this speed; on a machine too busy to know it, too."""
        return self._behind > _IN_TIME or self._port_speed() == speed

    def _arrived(self, chunk: bytes) -> None:
        """The collector wrote this at once; on the wire it takes its time."""
        now, speed = time.monotonic(), self._port_speed()
        if not self.attached or not speed:
            return
        character = BITS / speed
        begin = max(now + self.late, self._free_at)
        self._free_at = begin + len(chunk) * character
        for number, byte in enumerate(chunk, 1):
            if self.echo:
                self._at(begin + number * character, lambda byte=byte: self._say(byte, speed))  # type: ignore[misc]
        # A collector that changes the speed before its last character has left has spoilt it.
        self._at(self._free_at - character, lambda: self._understood(chunk, speed))

    def _understood(self, chunk: bytes, speed: int) -> None:
        now = time.monotonic()
        hears = self._hears(speed)
        if not hears or now > self._heard_at + FORGET:
            self._heard = b""
        if not hears:
            return
        self._heard_at = now
        self._heard = (self._heard + seven_bits(chunk)).lstrip(b"\0")
        if self._whole():
            message, self._heard = self._heard, b""
            for meter in self.meters:
                self._answer(meter, message, speed)

    def _whole(self) -> bool:
        if self._heard[:1] == bytes([SOH]):
            return ETX in self._heard[:-1]
        return self._heard.endswith(b"\r\n")

    def _answer(self, meter: OpticalMeter, message: bytes, speed: int) -> None:
        when = self._free_at
        for utterance in meter.hear(message, speed, time.monotonic()):
            when = self._speak(utterance.text, utterance.speed, when + utterance.after)

    def _speak(self, text: bytes, speed: int, when: float) -> float:
        """Each character appears when it has come; fast ones in the lumps of a UART. When the last one has."""
        character = BITS / speed
        size = 8 if speed >= 2400 else 1
        sent = with_parity(text) if self._parity else text
        for at in range(0, len(sent), size):
            lump = sent[at : at + size]
            self._at(when + (at + len(lump)) * character, lambda lump=lump: self._say_all(lump, speed))  # type: ignore[misc]
        return when + len(sent) * character

    def _say_all(self, lump: bytes, speed: int) -> None:
        self.said += len(lump)
        for byte in lump:
            self._say(byte, speed)

    def _say(self, byte: int, speed: int) -> None:
        if not self.attached:
            return
        if not self._hears(speed) or self._chance.random() < self.noise:
            byte = self._chance.randrange(256)
        with suppress(BlockingIOError):  # nobody reads: the characters are lost, as on a wire
            os.write(self._pty.fd, bytes([byte]))

    def _push(self, meter: OpticalMeter, every: float, speed: int) -> None:
        now = time.monotonic()
        if not meter.silent:
            self._speak(meter.telegram(), speed, now)
        self._at(now + every, lambda: self._push(meter, every, speed))
