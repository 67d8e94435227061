"""Simulated meters over TCP: many units, many connections, and manners of a gateway."""

from __future__ import annotations

import socket
import struct

import pytest
from pymodbus import FramerType
from pymodbus.client import ModbusTcpClient

from collector.devices import catalogue
from collector.errors import UsageError
from collector.sources.simulator import Plant, SimulatedMeter, recorded, serve_tcp
from collector.sources.simulator.station import rtu_frame

MODEL = catalogue.load("siemens-pac3100")
FIRST_40 = bytes.fromhex("0300010028")


def mbap(transaction: int, unit: int, pdu: bytes) -> bytes:
    return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, unit) + pdu


def connect(port: int) -> socket.socket:
    one = socket.create_connection(("127.0.0.1", port), 5)
    one.settimeout(5)
    return one


def hear(one: socket.socket, count: int) -> bytes:
    heard = b""
    while len(heard) < count and (more := one.recv(count - len(heard))):
        heard += more
    return heard


def test_a_hundred_connections_and_units_in_one_thread():
    devices = {unit: SimulatedMeter(MODEL, Plant(seed=unit)) for unit in range(1, 101)}
    with serve_tcp(devices, "127.0.0.1", 0) as served:
        sockets = {unit: connect(served.port) for unit in devices}
        for turn in range(3):
            for unit, one in sockets.items():
                one.sendall(mbap(turn, unit, FIRST_40))
            for unit, one in sockets.items():
                answer = hear(one, 89)
                assert answer[:9] == struct.pack(">HHHBBB", turn, 0, 83, unit, 3, 80)
        for one in sockets.values():
            one.close()


def test_several_requests_in_one_packet_and_one_in_pieces():
    with serve_tcp({5: SimulatedMeter(MODEL)}, "127.0.0.1", 0) as served, connect(served.port) as one:
        request = mbap(1, 5, FIRST_40)
        one.sendall(request + mbap(2, 5, FIRST_40) + request[:5])
        assert [hear(one, 89)[1] for _ in range(2)] == [1, 2]
        one.sendall(request[5:])
        assert len(hear(one, 89)) == 89


def test_a_gateway_says_when_a_unit_is_silent():
    with serve_tcp({5: SimulatedMeter(MODEL)}, "127.0.0.1", 0) as served, connect(served.port) as one:
        one.sendall(mbap(7, 6, FIRST_40))
        assert hear(one, 9) == mbap(7, 6, b"\x83\x0b")


@pytest.mark.parametrize("pdu", [b"\x11", b"\x2b\x0e\x01\x00", b"\x64"])
def test_short_and_unknown_requests_are_answered(pdu):
    with serve_tcp({5: SimulatedMeter(MODEL)}, "127.0.0.1", 0) as served, connect(served.port) as one:
        one.sendall(mbap(7, 5, pdu))
        assert hear(one, 8)[7] & 0x7F == pdu[0]


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.0\r\n\r\n", b"\0\1\0\0\0\0\5\3", b"\0\1\0\0\0\1\5\3"])
def test_what_is_not_modbus_ends_the_connection(garbage):
    with serve_tcp({5: SimulatedMeter(MODEL)}, "127.0.0.1", 0) as served:
        with connect(served.port) as one:
            one.sendall(garbage)
            assert one.recv(100) == b""
        with connect(served.port) as other:
            other.sendall(mbap(1, 5, FIRST_40))
            assert len(hear(other, 89)) == 89


def test_rtu_frames_through_a_transparent_gateway():
    with serve_tcp({5: SimulatedMeter(MODEL)}, "127.0.0.1", 0, "rtu") as served, connect(served.port) as one:
        one.sendall(rtu_frame(6, FIRST_40))  # nobody: silence
        one.sendall(rtu_frame(5, FIRST_40))
        answer = hear(one, 85)
        assert answer == rtu_frame(5, answer[1:-2])


def test_a_recording_over_tcp(tmp_path):
    path = tmp_path / "recording"
    path.write_text('{"request": "01040001000621c8", "reply": "01040c43687022436760dc43679ca541d7"}\n')
    with serve_tcp(recorded(path), "127.0.0.1", 0) as served, connect(served.port) as one:
        one.sendall(mbap(9, 1, bytes.fromhex("0400010006")))
        assert hear(one, 21) == mbap(9, 1, bytes.fromhex("040c43687022436760dc43679ca5"))


def test_a_port_that_is_taken():
    with serve_tcp({}, "127.0.0.1", 0) as served, pytest.raises(UsageError, match="cannot listen"):
        serve_tcp({}, "127.0.0.1", served.port)


def test_closing_hangs_up():
    served = serve_tcp({5: SimulatedMeter(MODEL)}, "127.0.0.1", 0)
    with connect(served.port) as one:
        one.sendall(mbap(1, 5, FIRST_40))
        hear(one, 89)
        served.close()
        served.close()
        assert one.recv(10) == b""


def test_pymodbus_own_client_through_a_transparent_gateway():
    meter = SimulatedMeter(MODEL)
    meter.set("frequency", 59.5)
    with serve_tcp({126: meter}, "127.0.0.1", 0, "rtu") as served:
        client = ModbusTcpClient("127.0.0.1", port=served.port, framer=FramerType.RTU, timeout=5, retries=0)
        assert client.connect()
        words = client.read_holding_registers(39, count=2, device_id=126).registers
        client.close()
    assert client.convert_from_registers(words, client.DATATYPE.FLOAT32) == 59.5
