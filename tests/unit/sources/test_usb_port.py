"""`port = "usb"` is the only USB serial adapter, looked for each time the line is opened; twins go by their sockets."""

from __future__ import annotations

import os
import pty
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from collector.errors import PortMissing
from collector.sources import ports as ports_module
from collector.sources.channel import serial_port
from collector.sources.channel.serial_port import SerialPort
from collector.sources.modbus.queries import permit_rtu
from collector.sources.ports import Port, device_of, ports


class Sockets:
    """USB sockets whose adapters are pseudo-terminals."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.plugged: list[Port] = []
        self._open: list[int] = []

    def plug(self, kernel_name: str, serial: str) -> None:
        ours, theirs = pty.openpty()
        self._open += [ours, theirs]
        name = self.folder / f"meter-{serial}"
        name.symlink_to(os.ttyname(theirs))
        self.plugged.append(Port(str(self.folder / kernel_name), "USB serial", (str(name),)))

    def close(self) -> None:
        for descriptor in self._open:
            os.close(descriptor)


@pytest.fixture
def sockets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sockets]:
    made = Sockets(tmp_path)
    monkeypatch.setattr(serial_port, "device_of", partial(device_of, plugged=lambda: made.plugged))
    yield made
    made.close()


@pytest.fixture
def port() -> Iterator[SerialPort]:
    opened = SerialPort("usb", 19200, "8N2", permit_rtu)
    yield opened
    opened.close()


def test_an_adapter_that_is_plugged_in_later_is_found(port: SerialPort, sockets: Sockets) -> None:
    with pytest.raises(PortMissing, match="no USB serial adapter is connected") as caught:
        port.connect()
    assert "FTDI" in caught.value.hint
    sockets.plug("ttyUSB0", "A10K3X")
    port.connect()
    assert port.open
    assert port.target == str(sockets.folder / "meter-A10K3X")


def test_another_adapter_in_its_place_is_the_one_from_then_on(port: SerialPort, sockets: Sockets) -> None:
    sockets.plug("ttyUSB0", "OLD")
    port.connect()
    port.close()
    sockets.plugged.clear()
    sockets.plug("ttyACM0", "NEW")
    port.connect()
    assert port.target == str(sockets.folder / "meter-NEW")


def test_what_is_wrong_with_it_is_said_of_the_adapter(port: SerialPort, sockets: Sockets) -> None:
    sockets.plug("ttyUSB0", "A")
    port.connect()
    second = SerialPort("usb", 19200, "8N2", permit_rtu)
    with pytest.raises(Exception, match=r"meter-A: another program holds it"):
        second.connect()


def plugged(device: str, serial: str | None, socket: str) -> ListPortInfo:
    info = ListPortInfo(device)
    info.serial_number, info.usb_device_path, info.hwid = serial, f"/sys/devices/usb1/{socket}", f"USB {serial}"
    return info


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two adapters of a maker that numbers all alike, and one with a number of its own."""
    folder = tmp_path / "dev"
    folder.mkdir()
    links = {"meter-0815": 1, "meter-at-usb-1": 0, "meter-at-usb-2": 1, "meter-zz9": 2, "meter-at-usb-3": 2}
    for name, number in links.items():
        (folder / f"ttyUSB{number}").touch()
        (folder / name).symlink_to(folder / f"ttyUSB{number}")
    found = [plugged(str(folder / f"ttyUSB{n}"), serial, f"1-{n}") for n, serial in enumerate(("0815", "0815", "zz9"))]
    monkeypatch.setattr(list_ports, "comports", lambda: found)
    return folder


def test_adapters_with_the_same_number_go_by_their_sockets(dev: Path) -> None:
    assert [Path(port.use).name for port in ports(dev)] == ["meter-at-usb-1", "meter-at-usb-2", "meter-zz9"]


def test_the_ports_of_a_mobile_phone_modem_are_none(dev: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports_module, "_SYS", tmp_path)
    for number, driver in enumerate(("option1", "option1", "ftdi_sio")):
        (tmp_path / f"ttyUSB{number}" / "device").mkdir(parents=True)
        (tmp_path / f"ttyUSB{number}" / "device" / "driver").symlink_to(f"/sys/bus/usb-serial/drivers/{driver}")
    assert [Path(port.device).name for port in ports(dev)] == ["ttyUSB2"]
