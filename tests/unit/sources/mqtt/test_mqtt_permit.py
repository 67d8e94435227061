"""An MQTT line hears: whatever would publish, leave a will or fill the memory does not get through."""

from __future__ import annotations

import ast
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

import collector.sources.mqtt
from collector.errors import UsageError
from collector.sources.mqtt.client import LARGEST_PACKET, HearingClient, permit

CONNECT = b"\x10\x15\x00\x04MQTT\x04\x02\x00\x0f\x00\x09phaselog1"


def test_what_hears_is_let_through() -> None:
    for packet in (CONNECT, b"\x82\x08\x00\x01\x00\x03a/b\x00", b"\xc0\x00", b"\xe0\x00"):
        permit(packet)


def test_a_connection_that_leaves_a_will_is_refused() -> None:
    for flags in range(256):
        packet = CONNECT[:9] + bytes([flags]) + CONNECT[10:]
        if flags & 4:
            with pytest.raises(UsageError, match="will"):
                permit(packet)
        else:
            permit(packet)
    long = b"\x10\x95\x01" + CONNECT[2:9] + b"\x06" + CONNECT[10:] + b"x" * 128
    with pytest.raises(UsageError, match="will"):
        permit(long)


@given(st.binary(max_size=40))
def test_everything_else_is_refused(packet: bytes) -> None:
    if packet and packet[0] & 0xF0 in (0x10, 0x80, 0xC0, 0xE0):
        return
    with pytest.raises(UsageError):
        permit(packet)


def test_paho_asks_before_every_packet() -> None:
    client = HearingClient()
    ours, broker = socket.socketpair()
    client._sock = ours
    with pytest.raises(UsageError):
        client._send_publish(1, b"a", b"1")
    with pytest.raises(UsageError):
        client._send_puback(1)
    client.will_set("a", "1")
    with pytest.raises(UsageError, match="will"):
        client._send_connect(15)
    client.will_clear()
    client._send_connect(15)
    client._send_subscribe(False, [(b"a", 0)])
    client._send_pingreq()
    ours.shutdown(socket.SHUT_WR)
    assert broker.recv(1000)[0] == 0x10


def test_a_packet_that_would_fill_the_memory_is_not_taken() -> None:
    with pytest.raises(ConnectionError):
        HearingClient()._sock_recv(LARGEST_PACKET + 1)


def test_each_connection_has_a_name_of_its_own_that_every_broker_takes() -> None:
    names = {HearingClient()._client_id for _ in range(50)}
    assert len(names) == 50
    assert max(len(name) for name in names) <= 23


def test_nothing_in_the_room_publishes() -> None:
    called = {"publish", "will_set", "single", "multiple"}
    for path in Path(collector.sources.mqtt.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            assert not (isinstance(node, ast.Attribute) and node.attr in called), path
    assert hasattr(Client(CallbackAPIVersion.VERSION2), "publish")


def test_a_box_without_such_a_line_does_not_load_paho() -> None:
    code = "import sys, collector.sources.mqtt.listener; sys.exit('paho' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
