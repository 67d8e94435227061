"""Plays a Modbus RTU meter on a pseudo-terminal, at the pace of a real line, with faults by script."""

from __future__ import annotations

import os
import pty
import select
import struct
import threading
import time
import tty
from collections import deque
from collections.abc import Callable, Iterable

#: What the peer puts on the wire for one request: (seconds after the turnaround, bytes).
Lumps = Iterable[tuple[float, bytes]]
#: Makes a peer's behaviour from the request and the honest answer.
Fault = Callable[[bytes, bytes], Lumps]


def crc(data: bytes) -> bytes:
    """Bit by bit, so that it shares nothing with the code under test."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return struct.pack("<H", value)


def framed(body: bytes) -> bytes:
    return body + crc(body)


def exception(code: int) -> Fault:
    return lambda request, _: [(0.0, framed(bytes((request[0], request[1] | 0x80, code))))]


def honest(_: bytes, answer: bytes) -> Lumps:
    return [(0.0, answer)]


def silent(_: bytes, __: bytes) -> Lumps:
    return []


def late(seconds: float) -> Fault:
    return lambda _, answer: [(seconds, answer)]


def floats(*values: float) -> bytes:
    return struct.pack(f">{len(values)}f", *values)


class Memory:
    """The registers of a meter; an address that was never written is refused."""

    def __init__(self, content: dict[int, bytes], bits: dict[int, bool] | None = None) -> None:
        self.words: dict[int, bytes] = {}
        self.bits = bits or {}
        for address, data in content.items():
            self.put(address, data)

    def put(self, address: int, data: bytes) -> None:
        for index in range(0, len(data), 2):
            self.words[address + index // 2] = data[index : index + 2]

    def answer(self, request: bytes) -> bytes:
        unit, function, address, count = struct.unpack(">BBHH", request[:6])
        if function == 2:
            if address not in self.bits:
                return framed(bytes((unit, 0x82, 2)))
            wanted = [self.bits.get(address + k, False) for k in range(count)]
            data = bytes(
                sum(bit << k for k, bit in enumerate(wanted[begin : begin + 8])) for begin in range(0, count, 8)
            )
            return framed(bytes((unit, function, len(data))) + data)
        if any(address + k not in self.words for k in range(count)):
            return framed(bytes((unit, function | 0x80, 2)))
        data = b"".join(self.words[address + k] for k in range(count))
        return framed(bytes((unit, function, len(data))) + data)


class Peer(threading.Thread):
    """A meter (or several) on a pty. `faults` are used up one a request, then it is honest."""

    def __init__(
        self, units: dict[int, Memory], baud: int = 19200, turnaround: float = 0.005, echo: bool = False
    ) -> None:
        super().__init__(daemon=True)
        self.units = units
        self.character = 11 / baud
        self.silence = 0.00175 if baud > 19200 else 3.5 * self.character
        self.turnaround = turnaround
        self.echo = echo
        self.faults: deque[Fault] = deque()
        self.requests: list[bytes] = []
        self.identities: dict[int, bytes] = {}
        self.busy_until = 0.0
        self.on_request: Callable[[bytes], None] = lambda request: None
        self._master, self._slave = pty.openpty()
        self._open = [self._master, self._slave]
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._ended = threading.Event()
        self._out: list[tuple[float, bytes]] = []

    def run(self) -> None:
        heard, since = b"", 0.0
        while not self._ended.is_set():
            ready, _, _ = select.select([self._master], [], [], self._wait())
            if ready:
                try:
                    lump = os.read(self._master, 512)
                except OSError:
                    return
                since = since if heard else time.monotonic()
                heard += lump
                while (length := self._length(heard)) and len(heard) >= length:
                    self._hear(heard[:length], since)
                    heard = heard[length:]
            self._speak()

    def _length(self, heard: bytes) -> int:
        if len(heard) < 2:
            return 0
        return {0x11: 4, 0x2B: 7}.get(heard[1], 8)

    def _hear(self, request: bytes, since: float) -> None:
        assert crc(request[:-2]) == request[-2:]
        self.requests.append(request)
        self.on_request(request)
        ended = since + len(request) * self.character
        if self.echo:
            self._send(since, request)
        memory = self.units.get(request[0])
        if memory is None:
            return
        answer = self._honest(memory, request)
        fault = self.faults.popleft() if self.faults else honest
        # A meter does one thing after the other: the next answer begins when this one has left.
        begin = max(ended + self.silence + self.turnaround, self.busy_until)
        for delay, lump in fault(request, answer):
            self._send(begin + delay, lump)
            self.busy_until = max(self.busy_until, begin + delay + len(lump) * self.character + self.silence)

    def _honest(self, memory: Memory, request: bytes) -> bytes:
        if request[1] in (1, 2, 3, 4):
            return memory.answer(request)
        if request[1] == 0x2B and request[0] in self.identities:
            return self.identities[request[0]]
        return framed(bytes((request[0], request[1] | 0x80, 1)))

    def _send(self, start: float, lump: bytes) -> None:
        """A byte arrives when its last bit has."""
        self._out += [(start + (k + 1) * self.character, lump[k : k + 1]) for k in range(len(lump))]
        self._out.sort(key=lambda item: item[0])

    def _wait(self) -> float:
        return max(0.0, min(0.05, self._out[0][0] - time.monotonic())) if self._out else 0.05

    def _speak(self) -> None:
        now = time.monotonic()
        due = b""
        while self._out and self._out[0][0] <= now:
            due += self._out.pop(0)[1]
        if due and not self._ended.is_set():
            os.write(self._master, due)

    def close(self) -> None:
        self._ended.set()
        self.join(timeout=2)
        self._leave()

    def unplug(self) -> None:
        """The adapter leaves its socket."""
        self.close()

    def vanish(self) -> None:
        """The same, in the peer's own thread: in the middle of a conversation."""
        self._ended.set()
        self._leave()

    def _leave(self) -> None:
        """Once only: the numbers may be those of somebody else's files by the second time."""
        while self._open:
            os.close(self._open.pop())

    def __enter__(self) -> Peer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
