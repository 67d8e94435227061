"""`port = "usb"` is the only USB serial adapter, looked for each time the line is opened."""

from __future__ import annotations

import os
import pty
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from collector.errors import LineError, PortMissing
from collector.sources.modbus.serial_port import SerialPort
from collector.sources.ports import only_usb_adapter


class Sockets:
    """A made-up /dev and /sys/class/tty whose adapters are pseudo-terminals."""

    def __init__(self, folder: Path) -> None:
        self.dev, self.sys = folder / "dev", folder / "sys"
        self.dev.mkdir()
        self.sys.mkdir()
        (self.sys / "ttyS0" / "device").mkdir(parents=True)
        self._open: list[int] = []

    def plug(self, name: str, serial: str = "", driver: str = "ftdi_sio") -> None:
        ours, theirs = pty.openpty()
        self._open += [ours, theirs]
        (self.dev / name).symlink_to(os.ttyname(theirs))
        if serial:
            (self.dev / f"meter-{serial}").symlink_to(self.dev / name)
        (self.sys / name / "device").mkdir(parents=True)
        (self.sys / name / "device" / "driver").symlink_to(Path("/sys/bus/usb-serial/drivers") / driver)

    def unplug(self, name: str) -> None:
        (self.dev / name).unlink()

    def close(self) -> None:
        for descriptor in self._open:
            os.close(descriptor)


@pytest.fixture
def sockets(tmp_path: Path) -> Iterator[Sockets]:
    made = Sockets(tmp_path)
    yield made
    made.close()


@pytest.fixture
def port(sockets: Sockets) -> Iterator[SerialPort]:
    opened = SerialPort("usb", 19200, "8N2", partial(only_usb_adapter, sockets.dev, sockets.sys))
    yield opened
    opened.close()


def test_without_an_adapter_it_says_which_one_to_buy(port: SerialPort) -> None:
    with pytest.raises(PortMissing, match="no USB serial adapter is connected") as caught:
        port.connect()
    assert "FTDI" in caught.value.hint


def test_an_adapter_that_is_plugged_in_later_is_found(port: SerialPort, sockets: Sockets) -> None:
    with pytest.raises(PortMissing):
        port.connect()
    sockets.plug("ttyUSB0", "A10K3X")
    port.connect()
    assert port.open
    assert port.target == str(sockets.dev / "meter-A10K3X")


def test_another_adapter_in_its_place_is_the_one_from_then_on(port: SerialPort, sockets: Sockets) -> None:
    sockets.plug("ttyUSB0", "OLD")
    port.connect()
    port.close()
    sockets.unplug("ttyUSB0")
    sockets.plug("ttyACM0", driver="cdc_acm")
    port.connect()
    assert port.target == str(sockets.dev / "ttyACM0")


def test_of_two_adapters_none_is_taken_and_both_are_named(port: SerialPort, sockets: Sockets) -> None:
    sockets.plug("ttyUSB0", "A")
    sockets.plug("ttyUSB1")
    with pytest.raises(LineError) as caught:
        port.connect()
    assert str(sockets.dev / "meter-A") in str(caught.value)
    assert str(sockets.dev / "ttyUSB1") in str(caught.value)
    assert f'port = "{sockets.dev / "meter-A"}"' in caught.value.hint


def test_a_mobile_phone_modem_is_no_adapter(port: SerialPort, sockets: Sockets) -> None:
    for number in range(4):
        sockets.plug(f"ttyUSB{number}", driver="option1")
    sockets.plug("ttyUSB4", "METER")
    port.connect()
    assert port.target == str(sockets.dev / "meter-METER")
