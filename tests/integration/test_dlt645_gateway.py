"""A DL/T 645 meter behind a transparent TCP gateway is read with the times of its own slow line."""

from __future__ import annotations

import os
import select
import socket
import termios
import threading
from contextlib import closing

import pytest
from dlt645_meters import FIRST, all_of, meter, source

from collector.config.settings import LineSettings
from collector.sources.channel.tcp_socket import TcpSocket
from collector.sources.dlt645.line import Dlt645Line
from collector.sources.dlt645.queries import permit
from collector.sources.simulator.asked_line import AskedLine
from collector.sources.simulator.dlt645_meter import cut
from collector.sources.ticker import SystemTicker


def carry(listener: socket.socket, served: AskedLine) -> None:
    """The gateway: bytes from one side to the other until the connection ends."""
    connection, _ = listener.accept()
    port = os.open(served.path, os.O_RDWR | os.O_NOCTTY)
    modes = termios.tcgetattr(port)
    modes[4] = modes[5] = termios.B1200
    termios.tcsetattr(port, termios.TCSANOW, modes)
    with connection:
        while True:
            ready, _, _ = select.select([connection, port], [], [])
            if connection in ready:
                said = connection.recv(4096)
                if not said:
                    break
                os.write(port, said)
            if port in ready:
                connection.sendall(os.read(port, 4096))
    os.close(port)


@pytest.mark.slow
def test_a_slow_meter_at_1200_baud_behind_a_gateway() -> None:
    played = meter(model="generic-dlt645-1997-single-phase")
    played.turnaround = 0.5  # the longest that the standard lets it take
    with AskedLine([played], cut, 1200, "8E1") as served, socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=carry, args=(listener, served), daemon=True).start()
        port = listener.getsockname()[1]
        settings = LineSettings("bus", host="127.0.0.1", tcp_port=port, protocol="dlt645-1997")
        ticker = SystemTicker()
        line = Dlt645Line(settings, TcpSocket("127.0.0.1", port, permit), ticker)
        with closing(line):
            reading = source(line, FIRST, "generic-dlt645-1997-single-phase")
            sample = reading.read(all_of(reading))
    assert sample.failed == frozenset()
    assert None not in sample.values.values()
    assert reading.statistics.errors == {}
