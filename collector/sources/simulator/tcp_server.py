"""Serves simulated meters over TCP: Modbus TCP, or RTU frames as a transparent gateway does (Modbus on TCP/IP 1.0b)."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Mapping
from contextlib import suppress

from pymodbus.framer import FramerSocket
from pymodbus.pdu import DecodePDU, ExceptionResponse

from collector.errors import UsageError
from collector.sources.modbus.exceptions import GATEWAY_SILENCE
from collector.sources.simulator.request import LONGEST_FRAME, request_length
from collector.sources.simulator.served import Served
from collector.sources.simulator.station import Station, crc_is_right

#: Transaction, protocol, length, unit, and the function.
MBAP_HEADER = 8
_MBAP = FramerSocket(DecodePDU(True))


class TcpServer(Served):
    """A served port: one thread for all its connections, from now until `close`. `port`: where it listens."""

    def __init__(self, devices: Mapping[int, Station], host: str, port: int, framing: str) -> None:
        """`devices` by unit; may change meanwhile. `port` 0: any free one. Raises UsageError if it cannot listen."""
        super().__init__()
        self._devices = devices
        self._answers = self._rtu_answers if framing == "rtu" else self._mbap_answers
        try:
            self._listener = socket.create_server((host, port), backlog=256)
        except OSError as error:
            raise UsageError(f"{host}:{port}: cannot listen ({error.strerror})", "is the port taken?") from error
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._heard: dict[socket.socket, bytearray] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._begin(f"tcp {self.port}")

    def _hang_up(self) -> None:
        for connection in list(self._heard):
            self._drop(connection)
        self._selector.close()
        self._listener.close()

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._listener:
                    self._accept()
                elif isinstance(key.fileobj, socket.socket):
                    self._hear(key.fileobj)
                else:
                    return

    def _accept(self) -> None:
        with suppress(OSError):
            connection, _ = self._listener.accept()
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._heard[connection] = bytearray()
            self._selector.register(connection, selectors.EVENT_READ)

    def _hear(self, connection: socket.socket) -> None:
        try:
            more = connection.recv(4096)
            if not more:
                raise ConnectionResetError
            self._heard[connection] += more
            for answer in self._answers(self._heard[connection]):
                connection.send(answer)
        except BlockingIOError:
            return
        except OSError:  # hung up, or what it says is not Modbus
            self._drop(connection)

    def _drop(self, connection: socket.socket) -> None:
        self._selector.unregister(connection)
        del self._heard[connection]
        connection.close()

    def _mbap_answers(self, heard: bytearray) -> list[bytes]:
        answers = []
        while len(heard) >= MBAP_HEADER:
            if heard[2:4] != b"\0\0" or not heard[4:6] > b"\0\1":
                raise ConnectionAbortedError
            used, unit, transaction, pdu = _MBAP.decode(bytes(heard))
            if not used:
                break
            del heard[:used]
            station = self._devices.get(unit)
            answer = station.answer(pdu) if station else _silent(pdu)
            if answer is not None:
                answers.append(bytes(_MBAP.encode(answer, unit, transaction)))
        return answers

    def _rtu_answers(self, heard: bytearray) -> list[bytes]:
        answers = []
        while (length := request_length(bytes(heard[:LONGEST_FRAME]))) is not None and len(heard) >= length:
            frame = bytes(heard[:length])
            del heard[:length]
            if not crc_is_right(frame):
                heard.clear()  # out of step: a serial meter would wait for silence
                break
            station = self._devices.get(frame[0])
            answer = station.rtu_answer(frame[0], frame[1:-2]) if station else None
            if answer:
                answers.append(answer)
        if len(heard) > LONGEST_FRAME:
            heard.clear()
        return answers


def _silent(pdu: bytes) -> bytes:
    """What a gateway says of a unit that does not answer it."""
    refusal = ExceptionResponse(pdu[0], GATEWAY_SILENCE)
    return bytes([refusal.function_code]) + refusal.encode()


def serve_tcp(devices: Mapping[int, Station], host: str, port: int, framing: str = "tcp") -> TcpServer:
    """Serves on a port; `framing` is "tcp" or "rtu". Raises UsageError."""
    return TcpServer(devices, host, port, framing)
