"""Serves Modbus TCP (MBAP) or RTU over TCP to any number of clients from one thread."""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import threading
from collections.abc import Mapping
from typing import Self

from pymodbus.framer import FramerRTU

from collector.errors import UsageError
from collector.sources.simulator.meter import SimulatedMeter

_MBAP = struct.Struct(">HHHB")
_RTU_LENGTH = {0x11: 4, 0x2B: 7}
GATEWAY_SILENCE = 11


class ServedSocket:
    """A listening socket with meters behind it, served by a thread until closed."""

    def __init__(self, devices: Mapping[int, SimulatedMeter], listener: socket.socket, framing: str) -> None:
        self.port: int = listener.getsockname()[1]
        self._devices = devices
        self._answer = self._mbap if framing == "tcp" else self._rtu
        self._listener = listener
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ)
        self._ended, self._end = socket.socketpair()
        self._selector.register(self._ended, selectors.EVENT_READ)
        self._heard: dict[socket.socket, bytes] = {}
        self._thread = threading.Thread(target=self._serve, name=f"simulated :{self.port}", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends it; open connections are closed."""
        with contextlib.suppress(OSError):
            self._end.send(b".")
        self._thread.join(5)
        for opened in (*self._heard, self._listener, self._ended, self._end):
            opened.close()

    def _serve(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._ended:
                    return
                if key.fileobj is self._listener:
                    self._accept()
                else:
                    assert isinstance(key.fileobj, socket.socket)
                    self._listen(key.fileobj)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._heard[client] = b""
        self._selector.register(client, selectors.EVENT_READ)

    def _listen(self, client: socket.socket) -> None:
        try:
            lump = client.recv(4096)
            if lump:
                answers, self._heard[client] = self._answer(self._heard[client] + lump)
                if answers:
                    client.sendall(answers)
                return
        except OSError:
            pass
        self._selector.unregister(client)
        del self._heard[client]
        client.close()

    def _mbap(self, heard: bytes) -> tuple[bytes, bytes]:
        answers = b""
        while len(heard) >= _MBAP.size:
            transaction, protocol, length, unit = _MBAP.unpack_from(heard)
            end = 6 + length
            if protocol != 0 or length < 2:
                return answers, b""
            if len(heard) < end:
                break
            pdu, heard = heard[_MBAP.size : end], heard[end:]
            device = self._devices.get(unit)
            body = device.respond(pdu) if device else bytes((pdu[0] | 0x80, GATEWAY_SILENCE))
            answers += _MBAP.pack(transaction, 0, len(body) + 1, unit) + body
        return answers, heard

    def _rtu(self, heard: bytes) -> tuple[bytes, bytes]:
        answers = b""
        while len(heard) >= 4:
            length = _RTU_LENGTH.get(heard[1], 8)
            if len(heard) < length:
                break
            frame, heard = heard[:length], heard[length:]
            if FramerRTU.compute_CRC(frame[:-2]) != int.from_bytes(frame[-2:], "big"):
                return answers, b""
            device = self._devices.get(frame[0])
            if device is not None:
                body = frame[:1] + device.respond(frame[1:-2])
                answers += body + FramerRTU.compute_CRC(body).to_bytes(2, "big")
        return answers, heard


def serve_tcp(devices: Mapping[int, SimulatedMeter], host: str, port: int, framing: str = "tcp") -> ServedSocket:
    """Serves on host:port (0: any free one); `framing` is "tcp" (MBAP) or "rtu". UsageError if the port is taken."""
    try:
        listener = socket.create_server((host, port), backlog=256)
    except OSError as error:
        raise UsageError(f"{host}:{port}: {error.strerror}", "name another port") from error
    return ServedSocket(devices, listener, framing)
