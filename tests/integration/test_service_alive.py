"""A meter off, a line unplugged, no meter at all: the service stays up, says so, and the watchdog is fed."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from collector.devices import catalogue
from collector.sources.simulator import SimulatedMeter, serve_pty
from tests.integration.conftest import SITE, Box, end, wait_for

HEAD = SITE
LINE = """
[[line]]
name = "rs485"
port = "{port}"
baud = 19200
frame = "8N2"
"""
METER = """
[[meter]]
name = "m{unit}"
model = "siemens-pac3100"
line = "rs485"
unit = {unit}
every = "500ms"
"""


class Systemd:
    """The other end of $NOTIFY_SOCKET."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.path))
        self._socket.setblocking(False)
        self.heard: list[str] = []

    def listen(self) -> list[str]:
        try:
            while True:
                self.heard.append(self._socket.recv(4096).decode())
        except BlockingIOError:
            return self.heard


def status(box: Box) -> dict[str, Any]:
    try:
        return dict(json.loads((box.runtime / "status.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def meter(box: Box, name: str) -> dict[str, Any]:
    return next((found for found in status(box).get("meters", []) if found["name"] == name), {})


@pytest.mark.slow
def test_no_meter_configured(box: Box) -> None:
    systemd = Systemd(box.folder)
    box.write(HEAD.format(database=box.database))
    collector = box.start("run", str(box.config), NOTIFY_SOCKET=str(systemd.path))
    wait_for(lambda: "WATCHDOG=1" in systemd.listen(), 30, "the watchdog being fed")
    assert systemd.heard[0] == "READY=1"
    assert end(collector) == 0
    assert systemd.listen()[-1] == "STOPPING=1"
    assert "no meter is configured" in box.log


@pytest.mark.slow
def test_a_missing_port_is_said_once_and_found_when_it_comes(box: Box) -> None:
    systemd = Systemd(box.folder)
    port = box.folder / "meter-rs485"
    box.write(HEAD.format(database=box.database) + LINE.format(port=port) + METER.format(unit=126))
    collector = box.start("run", str(box.config), NOTIFY_SOCKET=str(systemd.path))
    wait_for(lambda: meter(box, "m126").get("state") == "silent", 20, "the meter being silent")
    assert status(box)["lines"][0]["open"] is False
    time.sleep(4)
    assert box.log.count(str(port)) <= 3
    model = catalogue.load("siemens-pac3100")
    with serve_pty({126: SimulatedMeter(model)}, 19200, "8N2", link=port):
        wait_for(lambda: meter(box, "m126").get("readings", 0) > 2, 20, "readings through the new port")
    wait_for(lambda: not status(box)["lines"][0]["open"], 20, "the port being gone again")
    with serve_pty({126: SimulatedMeter(model)}, 19200, "8N2", link=port):
        before = meter(box, "m126")["readings"]
        wait_for(lambda: meter(box, "m126")["readings"] > before, 20, "readings after plugging it in again")
    assert "WATCHDOG=1" in systemd.listen()
    assert end(collector) == 0


@pytest.mark.slow
def test_a_meter_that_is_off_costs_its_neighbour_nothing(box: Box) -> None:
    systemd = Systemd(box.folder)
    model = catalogue.load("siemens-pac3100")
    port = box.folder / "meter-rs485"
    with serve_pty({126: SimulatedMeter(model)}, 19200, "8N2", link=port):
        box.write(HEAD.format(database=box.database) + LINE.format(port=port)
                  + METER.format(unit=126) + METER.format(unit=127))  # fmt: skip
        collector = box.start("run", str(box.config), NOTIFY_SOCKET=str(systemd.path))
        wait_for(lambda: meter(box, "m127").get("state") == "silent", 20, "the meter that is off being silent")
        wait_for(lambda: (meter(box, "m127").get("next_try") or 0) > 3, 20, "growing silence")
        before = meter(box, "m126")
        time.sleep(6)
        after = meter(box, "m126")
        assert after["state"] == "ok"
        assert after["readings"] - before["readings"] >= 10
        wait_for(lambda: "WATCHDOG=1" in systemd.listen(), 20, "the watchdog being fed")
        assert end(collector) == 0
