"""Every way in which a meter, a line or a gateway can answer wrongly, and peers that do it again and again."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from modbus_peer import Memory, Peer, crc, exception, framed, late, silent

#: (seconds, bytes) in order; None: the connection is dropped.
Sent = Iterable[tuple[float, bytes | None]]
Fault = Callable[[bytes, bytes], Sent]


def _body(answer: bytes) -> bytes:
    return answer[:-2]


def _filled(pattern: bytes) -> Fault:
    """An answer whose values are all this pattern."""

    def fault(request: bytes, answer: bytes) -> Sent:
        if answer[1] & 0x80:
            return [(0.0, answer)]
        values = (pattern * 256)[: len(answer) - 5]
        return [(0.0, framed(answer[:3] + values))]

    return fault


def wrong_unit(request: bytes, answer: bytes) -> Sent:
    return [(0.0, framed(bytes((answer[0] ^ 1,)) + _body(answer)[1:]))]


def wrong_function(request: bytes, answer: bytes) -> Sent:
    return [(0.0, framed(bytes((answer[0], answer[1] ^ 7)) + _body(answer)[2:]))]


def too_short(request: bytes, answer: bytes) -> Sent:
    body = _body(answer)
    return [(0.0, framed(body[:2] + bytes((max(0, len(body) - 3 - 4),)) + body[3:-4]))]


def too_long(request: bytes, answer: bytes) -> Sent:
    body = _body(answer)
    return [(0.0, framed(body[:2] + bytes((len(body) - 3 + 4,)) + body[3:] + body[3:7]))]


def shifted(request: bytes, answer: bytes) -> Sent:
    """A meter that counts registers from one: right length, values of the neighbours, but a broken CRC."""
    body = _body(answer)
    return [(0.0, body[:3] + body[7:] + body[3:7] + answer[-2:])]


def bad_crc(request: bytes, answer: bytes) -> Sent:
    return [(0.0, answer[:5] + bytes((answer[5] ^ 4,)) + answer[6:])]


def truncated(request: bytes, answer: bytes) -> Sent:
    return [(0.0, answer[: len(answer) // 2])]


def noise_before(request: bytes, answer: bytes) -> Sent:
    return [(0.0, b"\x00\xff\x3f" + answer)]


def noise_after(request: bytes, answer: bytes) -> Sent:
    return [(0.0, answer + b"\xff\x00\x55")]


def echo(request: bytes, answer: bytes) -> Sent:
    return [(0.0, request + answer)]


def echo_only(request: bytes, answer: bytes) -> Sent:
    return [(0.0, request)]


def twice(request: bytes, answer: bytes) -> Sent:
    return [(0.0, answer), (0.03, answer)]


def in_crumbs(request: bytes, answer: bytes) -> Sent:
    return [(0.02 * k, answer[at : at + 16]) for k, at in enumerate(range(0, len(answer), 16))]


def dropped(request: bytes, answer: bytes) -> Sent:
    return [(0.0, None)]


def half_and_dropped(request: bytes, answer: bytes) -> Sent:
    return [(0.0, answer[: len(answer) // 2]), (0.01, None)]


BODIES: dict[str, Fault] = {
    "late 0.45 s": late(0.45),
    "late 0.7 s": late(0.7),
    "wrong unit": wrong_unit,
    "wrong function": wrong_function,
    "too short": too_short,
    "too long": too_long,
    "silent": silent,
    **{f"exception {code}": exception(code) for code in (1, 2, 3, 4, 5, 6, 10, 11)},
    "NaN": _filled(b"\x7f\xc0\x00\x00"),
    "0xFFFFFFFF": _filled(b"\xff\xff\xff\xff"),
    "0x8000": _filled(b"\x80\x00"),
    "0x80000000": _filled(b"\x80\x00\x00\x00"),
    "0x7FFFFFFF": _filled(b"\x7f\xff\xff\xff"),
    "all zero": _filled(b"\x00"),
}
SERIAL: dict[str, Fault] = BODIES | {
    "CRC": bad_crc,
    "shifted": shifted,
    "truncated": truncated,
    "noise before": noise_before,
    "noise after": noise_after,
    "echo": echo,
    "echo only": echo_only,
    "twice": twice,
    "crumbs": in_crumbs,
}
RTU_OVER_TCP: dict[str, Fault] = SERIAL | {"dropped": dropped, "half and dropped": half_and_dropped}


#: Honest answers between two faults, at least: a probe and a whole reading.
HONEST = 5


class ByTurn:
    """Faults in random order, each kind by turn, with honest answers in between; knows when each was done."""

    def __init__(self, faults: dict[str, Fault], seed: int, every: float) -> None:
        self._faults = faults
        self._chance = random.Random(seed)
        self._every = every
        self._left: list[str] = []
        self._honest = 0
        self._next = time.time() + 3.0
        self.done: list[tuple[float, str]] = []

    def __call__(self, request: bytes, answer: bytes) -> Sent:
        now = time.time()
        # A silent meter is asked with growing pauses: faults by the clock alone would meet every one of its probes.
        if now < self._next or self._honest < HONEST:
            self._honest += 1
            return [(0.0, answer)]
        self._honest = 0
        if not self._left:
            self._left = self._chance.sample(sorted(self._faults), len(self._faults))
        kind = self._left.pop()
        sent = list(self._faults[kind](request, answer))
        # A late answer is a fault until it has come; then the meter is left alone until it can have been asked again.
        delay = max((delay for delay, _ in sent), default=0.0)
        self.done.append((now + delay, kind))
        self._next = now + 2 * delay + self._every * self._chance.uniform(0.8, 1.2)
        return sent


class FaultyLine(Peer):
    """The scripted meter on a pty, at whose every answer `fault` is asked."""

    def __init__(self, unit: int, memory: Memory, fault: Fault) -> None:
        super().__init__({unit: memory})
        self._fault = fault

    def _hear(self, request: bytes, since: float) -> None:
        self.faults.append(self._fault)  # type: ignore[arg-type]
        super()._hear(request, since)


class Gateway(threading.Thread):
    """A gateway that speaks Modbus TCP or RTU over TCP, one client at a time."""

    def __init__(self, unit: int, memory: Memory, fault: Fault, framing: str) -> None:
        super().__init__(daemon=True)
        self._unit, self._memory, self._fault, self._rtu = unit, memory, fault, framing == "rtu"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.ended = False
        self.connections = 0

    def run(self) -> None:
        while not self.ended:
            with suppress(OSError):
                connection, _ = self._listener.accept()
                self.connections += 1
                with connection:
                    connection.settimeout(5)
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    while self._serve(connection):
                        pass

    def _serve(self, connection: socket.socket) -> bool:
        request = connection.recv(8 if self._rtu else 12, socket.MSG_WAITALL)
        if not request:
            return False
        rtu = request if self._rtu else framed(request[6:])
        assert rtu[0] == self._unit
        answer = self._memory.answer(rtu)
        started = time.monotonic()
        for delay, lump in self._fault(request, answer if self._rtu else adu(request, answer[:-2])):
            time.sleep(max(0.0, started + delay - time.monotonic()))
            if lump is None:
                return False
            connection.sendall(lump)
        return True

    def close(self) -> None:
        self.ended = True
        self._listener.close()


def adu(request: bytes, body: bytes) -> bytes:
    """An MBAP frame with the number of this request; `body` begins with the unit."""
    return request[:4] + struct.pack(">H", len(body)) + body


def _inside(fault: Fault) -> Fault:
    """A fault of RTU bodies, as a Modbus TCP gateway would pass it on."""

    def wrapped(request: bytes, answer: bytes) -> Sent:
        for delay, lump in fault(framed(request[6:]), framed(answer[6:])):
            assert lump is not None
            assert crc(lump[:-2]) == lump[-2:]
            yield delay, adu(request, lump[:-2])

    return wrapped


def _numbered(request: bytes, offset: int, answer: bytes) -> bytes:
    number = (int.from_bytes(request[:2], "big") + offset) & 0xFFFF
    return number.to_bytes(2, "big") + answer[2:]


def _foreign(request: bytes, offset: int, answer: bytes) -> bytes:
    """A frame of somebody else's: same shape, other values."""
    return _numbered(request, offset, answer[:9] + bytes(byte ^ 0x11 for byte in answer[9:]))


TCP: dict[str, Fault] = {name: _inside(fault) for name, fault in BODIES.items()} | {
    "wrong number": lambda request, answer: [(0.0, _foreign(request, 7, answer))],
    "older number": lambda request, answer: [(0.0, _foreign(request, -1, answer))],
    "foreign before": lambda request, answer: [(0.0, _foreign(request, -1, answer) + answer)],
    "foreign after": lambda request, answer: [(0.0, answer + _foreign(request, 1, answer))],
    "three in one segment": lambda request, answer: [
        (0.0, _foreign(request, -2, answer) + _foreign(request, -1, answer) + answer)
    ],
    "the next number too": lambda request, answer: [(0.0, answer), (0.02, _foreign(request, 2, answer))],
    "half": lambda request, answer: [(0.0, answer[: len(answer) // 2])],
    "half, then the rest": lambda request, answer: [(0.0, answer[:11]), (0.1, answer[11:])],
    "header only": lambda request, answer: [(0.0, answer[:5])],
    "no Modbus": lambda request, answer: [(0.0, b"HTTP/1.0 400 Bad Request\r\n\r\n")],
    "length too small": lambda request, answer: [(0.0, answer[:4] + b"\x00\x05" + answer[6:])],
    "dropped": dropped,
    "half and dropped": half_and_dropped,
}
