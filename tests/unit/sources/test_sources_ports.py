"""A port is called by the name that stays its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.config.port_names import stable_name, stable_names
from collector.errors import PortMissing
from collector.sources.ports import Port, device_of, ports


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    for name in ("ttyUSB0", "ttyUSB1", "ttyAMA0"):
        (tmp_path / name).write_text("")
    links = {
        "serial/by-id/usb-FTDI_FT232R_A1-if00-port0": "ttyUSB0",
        "serial/by-path/pci-0000:00-usb-0:1:1.0-port0": "ttyUSB0",
        "meter-rs485": "ttyUSB0",
        "serial/by-path/pci-0000:00-usb-0:2:1.0-port0": "ttyUSB1",
        "serial0": "ttyAMA0",
    }
    for link, target in links.items():
        path = tmp_path / link
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(tmp_path / target)
    return tmp_path


def test_a_name_given_by_rule_wins_over_the_adapters_own(dev: Path) -> None:
    names = [Path(name).name for name in stable_names(str(dev / "ttyUSB0"), dev)]
    assert names[0] == "meter-rs485"
    assert names[1].startswith("usb-FTDI")
    assert len(names) == 3


def test_the_socket_is_the_name_of_an_adapter_without_serial_number(dev: Path) -> None:
    assert stable_name(str(dev / "ttyUSB1"), dev) == str(dev / "serial/by-path/pci-0000:00-usb-0:2:1.0-port0")


def test_a_name_that_stays_needs_no_other(dev: Path) -> None:
    assert stable_name(str(dev / "meter-rs485"), dev) is None
    assert stable_name(str(dev / "ttyAMA0"), dev) is None


def test_an_adapter_that_is_not_plugged_in_has_no_other_name(dev: Path) -> None:
    assert stable_name(str(dev / "ttyUSB7"), dev) is None


def test_what_to_write_into_the_configuration() -> None:
    assert Port("/dev/ttyUSB0", "x", ("/dev/meter-rs485", "/dev/serial/by-id/y")).use == "/dev/meter-rs485"
    assert Port("/dev/ttyUSB0", "x", ()).use == "/dev/ttyUSB0"
    assert not Port("/dev/ttyUSB0", "x", ()).stable
    assert Port("/dev/ttyAMA0", "x", ()).stable


def test_this_machines_ports_can_be_listed() -> None:
    for port in ports():
        assert port.device.startswith("/dev/")
        assert port.description


def adapters(*devices: str) -> list[Port]:
    return [Port(device, "USB serial", (f"/dev/meter-{device[-1]}",)) for device in devices]


def test_usb_means_the_only_adapter_whichever_it_is() -> None:
    assert device_of("usb", lambda: adapters("/dev/ttyAMA0", "/dev/ttyUSB3")) == "/dev/meter-3"
    assert device_of("usb", lambda: adapters("/dev/ttyACM0")) == "/dev/meter-0"
    assert device_of("/dev/meter-roof", lambda: []) == "/dev/meter-roof"


def test_without_an_adapter_it_is_said_how_to_connect_one() -> None:
    with pytest.raises(PortMissing, match="no USB serial adapter") as raised:
        device_of("usb", lambda: adapters("/dev/ttyAMA0"))
    assert "RS485" in raised.value.hint


def test_between_several_adapters_nobody_guesses() -> None:
    with pytest.raises(PortMissing, match=r"2 USB serial adapters are connected: /dev/meter-0, /dev/meter-1"):
        device_of("usb", lambda: adapters("/dev/ttyUSB0", "/dev/ttyUSB1"))
