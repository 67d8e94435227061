"""A simulated line is a pseudo-terminal: it can be opened with any frame, again and again."""

from __future__ import annotations

import os
import pty

import pytest

from collector.sources.channel.serial_port import SerialPort
from collector.sources.modbus.queries import permit_rtu


@pytest.mark.parametrize("frame", ["8N1", "8E1", "7E1", "8O1", "8N2"])
def test_every_frame_opens_twice(frame: str) -> None:
    master, slave = pty.openpty()
    for _ in range(3):
        port = SerialPort(os.ttyname(slave), 19200, frame, permit_rtu)
        port.connect()
        port.close()
    os.close(master)
    os.close(slave)
