"""Whatever comes from a broker, or from what says it is one: a reading that was published, or a fault of the line."""

from __future__ import annotations

import random
import socket
import threading
import time

import pytest

from collector.config.settings import LineSettings
from collector.errors import GatewayDown
from tests.integration.mqtt_broker import listener_of

TOPIC = b"tele/plug/SENSOR"
PAYLOAD = b'{"ENERGY":{"Power":230.5,"Total":1.25,"Voltage":231}}'
WELCOME = b"\x20\x02\x00\x00"
SUBACK = b"\x90\x04\x00\x01\x00\x00"


def published(payload: bytes) -> bytes:
    body = len(TOPIC).to_bytes(2, "big") + TOPIC + payload
    return bytes([0x30, len(body) % 128 | 0x80, len(body) // 128]) + body


GOOD = SUBACK + published(PAYLOAD) * 6


def damaged(chance: random.Random) -> bytes:
    data = bytearray(GOOD)
    for _ in range(chance.randrange(1, 6)):
        spot = chance.randrange(len(data))
        data[spot : spot + chance.randrange(3)] = chance.randbytes(chance.randrange(4))
    return bytes(data)


def hear(line: LineSettings) -> int:
    """The samples of one connection, until it breaks."""
    listener, samples = listener_of(line, ("plug", "tasmota-energy", "tele/plug")), 0
    deadline = time.monotonic() + 30
    try:
        while time.monotonic() < deadline:
            samples += len(listener.listen(0.5))
    except GatewayDown:
        return samples
    finally:
        listener.close()
    raise AssertionError("the connection did not end")


@pytest.mark.slow
def test_damaged_packets_end_the_connection_and_nothing_else() -> None:
    chance, counts = random.Random(311), []
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = LineSettings("broker", mqtt=f"127.0.0.1:{server.getsockname()[1]}")
        for number in range(400):
            data = GOOD if number == 0 else damaged(chance)

            def serve(data: bytes = data) -> None:
                peer, _ = server.accept()
                with peer:
                    peer.recv(1000)
                    peer.sendall(WELCOME + data)
                    peer.settimeout(0.02)
                    try:
                        while peer.recv(1000):
                            pass
                    except OSError:
                        pass

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            counts.append(hear(line))
            thread.join(10)
    assert counts[0] >= 5
    assert max(counts) <= 8
