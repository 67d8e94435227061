"""Modbus TCP and RTU over TCP, against pymodbus's own server and against peers that misbehave."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from modbus_meters import everything, memory, source, two_blocks
from modbus_peer import Memory, framed
from pymodbus.framer import FramerType
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from collector.config.settings import LineSettings
from collector.errors import BadAnswer, DeviceError, GatewayDown, MeterRefused, NoAnswer
from collector.sources.factory import open_wire
from collector.sources.modbus.identity import ask_identity
from collector.sources.modbus.queries import read_bits, read_registers
from collector.sources.ticker import SystemTicker

GOOD = {"voltage_l1_n": 230.0, "voltage_l2_n": 231.0, "voltage_l3_n": 232.0, "frequency": 60.0}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def pymodbus_server(framer: FramerType) -> Iterator[int]:
    """An independent peer: pymodbus's server in a thread."""
    loop, port, started = asyncio.new_event_loop(), free_port(), threading.Event()
    data = [
        SimData(1, values=[230.0, 231.0, 232.0], datatype=DataType.FLOAT32),
        SimData(39, values=60.0, datatype=DataType.FLOAT32),
        SimData(55, values=[float(k) for k in range(8)], datatype=DataType.FLOAT32),
    ]
    servers: list[ModbusTcpServer] = []

    async def serve() -> None:
        servers.append(ModbusTcpServer(SimDevice(126, simdata=data), framer=framer, address=("127.0.0.1", port)))
        await servers[0].serve_forever(background=True)
        started.set()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield port
    finally:
        asyncio.run_coroutine_threadsafe(servers[0].shutdown(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


@contextmanager
def gateway(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A peer that treats each connection as the test says."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()
    open_now: list[socket.socket] = []

    def run() -> None:
        listener.settimeout(0.1)
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                continue
            with connection:
                open_now[:] = [connection]
                connection.settimeout(5)
                try:
                    serve(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stop.set()
        for connection in open_now:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        thread.join(6)
        listener.close()


def line(port: int, framing: str = "tcp", timeout: float = 0.3) -> LineSettings:
    return LineSettings("gw", host="127.0.0.1", tcp_port=port, framing=framing, timeout=timeout)


def ask(connection: socket.socket) -> tuple[bytes, bytes]:
    """One MBAP request and its honest answer."""
    request = connection.recv(12, socket.MSG_WAITALL)
    if len(request) < 12:
        raise OSError("closed")
    body = memory().answer(request[6:] + b"\0\0")[:-2]
    return request, request[:4] + struct.pack(">H", len(body)) + body


@pytest.mark.parametrize(("framing", "framer"), [("tcp", FramerType.SOCKET), ("rtu", FramerType.RTU)])
def test_against_pymodbus(framing: str, framer: FramerType) -> None:
    with pymodbus_server(framer) as port:
        meter = source(two_blocks(), line(port, framing, timeout=2.0))
        for _ in range(20):
            assert meter.read(everything(meter)).values == GOOD
        assert not meter.statistics.errors
        wire = open_wire(line(port, framing, timeout=2.0), SystemTicker())
        with pytest.raises(MeterRefused) as caught:
            wire.exchange(read_registers(126, 3, 5000, 2))
        assert caught.value.code == 2
        with pytest.raises(MeterRefused):
            wire.exchange(read_bits(126, 2, 5000, 20))
        assert ask_identity(wire, 126, 2.0).slave_id


def test_adus_in_lumps_and_crumbs_and_of_others() -> None:
    def serve(connection: socket.socket) -> None:
        for turn in range(100):
            request, answer = ask(connection)
            tid = int.from_bytes(request[:2], "big")
            stranger = struct.pack(">HHHB", tid ^ 0x55, 0, 7, 126) + b"\x03\x04zero"
            if turn % 3 == 0:
                connection.sendall(stranger + answer + stranger)
            elif turn % 3 == 1:
                for k in range(len(answer)):
                    connection.sendall(answer[k : k + 1])
            else:
                connection.sendall(stranger + answer[:4])
                time.sleep(0.02)
                connection.sendall(answer[4:])

    with gateway(serve) as port:
        meter = source(two_blocks(), line(port, timeout=2.0))
        for _ in range(9):
            assert meter.read(everything(meter)).values == GOOD
        assert not meter.statistics.errors


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda a: a[:6] + b"\x05" + a[7:], "unit"),
        (lambda a: a[:7] + bytes((a[7] ^ 7,)) + a[8:], "function"),
        (lambda a: a[:8] + b"\x32" + a[9:], "length"),
        (lambda a: a[:2] + b"\x00\x01" + a[4:], "protocol"),
        (lambda a: a[:4] + b"\x00\x01" + a[6:], "protocol"),
        (lambda a: a[:4] + b"\x40\x00" + a[6:], "protocol"),
        (lambda a: b"HTTP/1.1 400 Bad Request\r\n\r\n", "protocol"),
        (lambda a: a[:4] + b"\x00\x03" + a[6:7] + bytes((a[7] | 0x80, 99)), "exception"),
    ],
)
def test_a_wrong_frame_is_never_believed(change: Callable[[bytes], bytes], reason: str) -> None:
    faults = [change]

    def serve(connection: socket.socket) -> None:
        while True:
            _, answer = ask(connection)
            connection.sendall(faults.pop()(answer) if faults else answer)

    with gateway(serve) as port:
        wire = open_wire(line(port), SystemTicker())
        with pytest.raises(BadAnswer) as caught:
            wire.exchange(read_registers(126, 3, 1, 6))
        assert caught.value.reason == reason
        assert struct.unpack(">3f", wire.exchange(read_registers(126, 3, 1, 6)).pdu[2:]) == (230.0, 231.0, 232.0)


@pytest.mark.slow
def test_a_late_answer_is_never_taken_for_the_next() -> None:
    turns = iter(range(1000))

    def serve(connection: socket.socket) -> None:
        while True:
            _, answer = ask(connection)
            turn = next(turns)
            if turn % 2 == 0:
                time.sleep(0.15)
                answer = answer[:9] + struct.pack(">f", 666.0) + answer[13:]
            connection.sendall(answer)

    with gateway(serve) as port:
        wire = open_wire(line(port, timeout=0.1), SystemTicker())
        for _ in range(4):
            with pytest.raises(DeviceError):
                wire.exchange(read_registers(126, 3, 1, 6))
            assert wire.exchange(read_registers(126, 3, 1, 6), timeout=1.0).pdu[2:6] == struct.pack(">f", 230.0)


def test_a_half_dead_connection_is_given_up_and_made_anew() -> None:
    connections = iter(range(1000))

    def serve(connection: socket.socket) -> None:
        if next(connections) == 0:
            connection.recv(12)
            connection.recv(1)  # says nothing until the other side gives up
            return
        while True:
            connection.sendall(ask(connection)[1])

    with gateway(serve) as port:
        meter = source(two_blocks(), line(port))
        with pytest.raises(NoAnswer):
            meter.read(everything(meter))
        assert meter.read(everything(meter)).values == GOOD


def test_a_meter_that_hangs_up_between_questions_costs_nothing() -> None:
    def serve(connection: socket.socket) -> None:
        connection.sendall(ask(connection)[1])
        connection.sendall(ask(connection)[1])

    with gateway(serve) as port:
        meter = source(two_blocks(), line(port, timeout=2.0))
        for _ in range(4):
            assert meter.read(everything(meter)).values == GOOD
            time.sleep(0.05)
        assert not meter.statistics.errors


def test_a_gateway_that_hangs_up_instead_of_an_answer_is_the_lines_fault() -> None:
    with gateway(lambda connection: ask(connection) and None) as port:
        meter = source(two_blocks(), line(port))
        with pytest.raises(GatewayDown):
            meter.read(everything(meter))


def test_no_gateway_at_all_says_so() -> None:
    meter = source(two_blocks(), line(free_port()))
    with pytest.raises(GatewayDown, match="no connection") as caught:
        meter.read(everything(meter))
    assert "tcp_port" in caught.value.hint
    meter = source(two_blocks(), LineSettings("gw", host="no such host.invalid"))
    with pytest.raises(GatewayDown):
        meter.read(everything(meter))


@pytest.mark.slow
def test_rtu_over_tcp_checks_like_a_serial_line() -> None:
    content = Memory({**{1: struct.pack(">3f", 230.0, 231.0, 232.0), 39: struct.pack(">f", 60.0)}, 55: bytes(64)})
    damages = [lambda a: framed(b"\x7d" + a[1:-2]), lambda a: a[:-1] + bytes((a[-1] ^ 1,)), lambda a: b""]

    def serve(connection: socket.socket) -> None:
        for turn in range(1000):
            request = connection.recv(8, socket.MSG_WAITALL)
            if len(request) < 8:
                return
            answer = content.answer(request)
            if turn % 4 == 2 and damages:
                answer = damages.pop()(answer)
            connection.sendall(answer[:5])
            time.sleep(0.03)
            connection.sendall(answer[5:])

    with gateway(serve) as port:
        meter = source(two_blocks(), line(port, "rtu"))
        good = 0
        for _ in range(12):
            try:
                values = meter.read(everything(meter)).values
            except DeviceError:
                continue
            assert all(value is None or value == GOOD[quantity] for quantity, value in values.items())
            good += values == GOOD
        assert good >= 6
        assert not damages
