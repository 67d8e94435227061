"""A logger cannot write to a meter."""

from __future__ import annotations

import ast
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modbus_frames import framed

import collector.sources
from collector.errors import UsageError
from collector.sources.channel.channel import Channel
from collector.sources.modbus.queries import (
    MBAP_FUNCTION_AT,
    RTU_FUNCTION_AT,
    Query,
    permit,
    permit_rtu,
    read_bits,
    read_identification,
    read_registers,
    report_device_id,
)

READING = {1: 4, 2: 4, 3: 4, 4: 4, 0x11: 0, 0x2B: 3}


class Pipe(Channel):
    """A channel whose bytes can be looked at."""

    def _connect(self) -> int:
        self.out, fd = os.pipe()
        os.set_blocking(self.out, False)
        return fd

    def _close(self) -> None:
        os.close(self.out)

    def _lost(self, reason: str) -> Exception:  # type: ignore[override]
        return AssertionError(reason)

    def left(self) -> bytes:
        try:
            return os.read(self.out, 1000)
        except BlockingIOError:
            return b""


@pytest.fixture
def pipe() -> Pipe:
    pipe = Pipe("pipe", permit_rtu)
    pipe._fd = pipe._connect()
    return pipe


@pytest.mark.parametrize("function", [f for f in range(256) if f not in READING])
def test_no_other_function_leaves_the_box(pipe: Pipe, function: int) -> None:
    for following in range(0, 12):
        with pytest.raises(UsageError):
            pipe.send(framed(bytes((1, function)) + bytes(following)))
    assert pipe.left() == b""


@pytest.mark.parametrize(
    "frame",
    [
        b"\x01\x05\x00\x47\xff\x00",  # write single coil
        b"\x01\x06\xea\x60\x00\x01",  # PAC3100: reset
        b"\x01\x0f\x00\x48\x00\x01\x01\x01",
        b"\x01\x10\xf6\x26\x00\x02\x04\x00\x00\x00\x01",
        b"\x01\x16\x00\x04\x00\xf2\x00\x25",
        b"\x01\x17\x00\x03\x00\x06\x00\x0e\x00\x01\x02\x00\xff",
        b"\x01\x2b\x0d\x00\x00",  # CANopen general reference may write
        b"\x01\x03\x00\x01\x00\x02" + b"\x01\x06\xea\x60\x00\x01",  # a write behind a read
        b"\x01\x08\x00\x01\x00\x00",
        b"",
        b"\x01",
    ],
)
def test_raw_bytes_that_would_write_are_refused(pipe: Pipe, frame: bytes) -> None:
    with pytest.raises(UsageError):
        pipe.send(framed(frame))
    assert pipe.left() == b""


def test_a_forged_query_is_refused_where_it_leaves(pipe: Pipe) -> None:
    forged = Query(1, 3, b"\x06\x00\x01\x00\x01", framed(b"\x01\x06\x00\x01\x00\x01"), 2)
    with pytest.raises(UsageError):
        pipe.send(forged.rtu)


@given(st.binary(max_size=40), st.sampled_from([RTU_FUNCTION_AT, MBAP_FUNCTION_AT]))
def test_whatever_passes_is_exactly_one_read_request(frame: bytes, at: int) -> None:
    try:
        permit(frame, at)
    except UsageError:
        return
    tail = 2 if at == RTU_FUNCTION_AT else 0
    assert READING[frame[at]] == len(frame) - at - 1 - tail
    assert frame[at] != 0x2B or frame[at + 1] == 0x0E


@given(st.integers(0, 255), st.sampled_from([3, 4]), st.integers(0, 65535), st.integers(1, 125))
def test_register_queries_are_encoded_as_the_standard_says(unit: int, function: int, address: int, count: int) -> None:
    if address + count > 65536:
        with pytest.raises(UsageError):
            read_registers(unit, function, address, count)
        return
    query = read_registers(unit, function, address, count)
    assert query.rtu == framed(struct.pack(">BBHH", unit, function, address, count))
    assert query.size == 2 * count


def test_the_manuals_frame() -> None:
    assert read_registers(1, 4, 1, 6).rtu.hex() == "01040001000621c8"


def test_the_other_queries_are_encoded_as_the_standard_says() -> None:
    assert read_bits(7, 2, 110, 18).rtu == framed(bytes.fromhex("07 02 006e 0012"))
    assert report_device_id(1).rtu.hex() == "0111c02c"
    assert read_identification(9).rtu == framed(bytes.fromhex("09 2b 0e 01 00"))


@pytest.mark.parametrize(
    ("function", "address", "count"),
    [(6, 0, 1), (16, 0, 1), (5, 0, 1), (3, 0, 0), (3, 0, 126), (3, -1, 1), (1, 0, 1), (3, 65535, 2)],
)
def test_what_cannot_be_asked_is_a_clear_error(function: int, address: int, count: int) -> None:
    with pytest.raises(UsageError):
        read_registers(1, function, address, count)


def test_a_unit_beyond_the_byte_is_a_clear_error() -> None:
    with pytest.raises(UsageError, match="unit 300"):
        read_registers(300, 3, 0, 1)


SOURCES = Path(collector.sources.__file__).parent


def test_bytes_leave_in_one_place_only() -> None:
    """Whatever speaks to a meter does it through Channel.send; the simulator plays meters and asks nobody."""
    senders = {"write", "send", "sendall", "sendto", "sendmsg", "writelines"}
    found = set()
    for path in SOURCES.rglob("*.py"):
        if "simulator" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in senders:
                found.add((path.name, ast.unparse(node.func)))
    # A channel, or a wire that ends in one.
    direct = {(name, call) for name, call in found if not call.endswith(("channel.send", "wire.send"))}
    assert direct == {
        ("channel.py", "os.write"),
        ("capture.py", "self._file.write"),  # into a file
        ("client.py", "peer.sendall"),  # to the reader of pictures: a display is looked at, not asked
    }


def test_pymodbus_clients_are_never_imported() -> None:
    program = (
        "import collector.sources.factory, collector.sources.modbus.scan, sys; print('pymodbus.client' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
