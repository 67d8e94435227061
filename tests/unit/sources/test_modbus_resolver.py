"""A name server that does not answer costs a line some seconds, never the watchdog."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest

from collector.errors import GatewayDown
from collector.sources.channel import resolver
from collector.sources.channel.resolver import Resolver
from collector.sources.channel.tcp_socket import TcpSocket
from collector.sources.modbus.queries import permit_mbap

REAL = socket.getaddrinfo


def test_an_address_needs_no_name_server() -> None:
    assert Resolver("127.0.0.1", 502).addresses() == ["127.0.0.1"]
    assert Resolver("::1", 502).addresses() == ["::1"]


def test_a_name_is_found() -> None:
    assert "127.0.0.1" in Resolver("localhost", 502).addresses()


def test_a_hanging_name_server_is_one_sentence_and_its_late_answer_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, asked = threading.Event(), []

    def slow(host: str, port: int, *more: Any, **flags: Any) -> Any:
        if flags.get("flags") == socket.AI_NUMERICHOST or host != "gateway.example":
            return REAL(host, port, *more, **flags)
        asked.append(host)
        answers.wait(20)
        return REAL("127.0.0.1", port, *more, **flags)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    monkeypatch.setattr(resolver, "PATIENCE", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        gateway = TcpSocket("gateway.example", listener.getsockname()[1], permit_mbap)
        for _ in range(3):
            started = time.monotonic()
            with pytest.raises(GatewayDown, match="no name server"):
                gateway.connect()
            assert time.monotonic() - started < 5
        assert len(asked) == 1, "lookups do not pile up"
        monkeypatch.setattr(resolver, "PATIENCE", 10.0)
        answers.set()
        gateway.connect()
        assert gateway.open
        gateway.close()


def test_a_name_that_cannot_be_one_is_a_gateway_down() -> None:
    with pytest.raises(GatewayDown):
        TcpSocket("a" * 80 + ".example", 502, permit_mbap).connect()
