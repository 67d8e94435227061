"""udev itself, shown a made-up adapter, gives it the names that the configuration uses."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

RULES = Path(__file__).parents[3] / "provisioning/roles/serial_ports/files/etc/udev/rules.d"
pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not (shutil.which("udevadm") and shutil.which("unshare")), reason="needs root and udev"
)
SOCKET = "/dev/meter-at-pci-0000_00_14_0-usb-0_2_1_0"


class Sys:
    """A made-up /sys with one adapter in the second socket of a PC."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def node(self, path: str, subsystem: str, driver: str = "", **files: str) -> Path:
        folder = self.root / path
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).write_text(f"{text}\n")
        for name, target in (("subsystem", subsystem), ("driver", driver)):
            if target:
                (self.root / target).mkdir(parents=True, exist_ok=True)
                (folder / name).symlink_to(os.path.relpath(self.root / target, folder))
        return folder

    def plug(self, serial: str, driver: str, interface: str = "00") -> None:
        pci = "devices/pci0000:00/0000:00:14.0"
        self.node(pci, "bus/pci", uevent="DRIVER=xhci_hcd\nPCI_SLOT_NAME=0000:00:14.0")
        self.node(f"{pci}/usb1", "bus/usb", uevent="DEVTYPE=usb_device", idVendor="1d6b", idProduct="0002")
        known = {"idVendor": "0403", "idProduct": "6001", "product": "UART", "descriptors": ""}
        number = {"serial": serial} if serial else {}
        self.node(f"{pci}/usb1/1-2", "bus/usb", "bus/usb/drivers/usb", uevent="DEVTYPE=usb_device", **known, **number)
        part = f"{pci}/usb1/1-2/1-2:1.0"
        kind = {"bInterfaceNumber": interface, "bInterfaceClass": "ff", "bInterfaceSubClass": "ff"}
        self.node(part, "bus/usb", f"bus/usb/drivers/{driver}", uevent="DEVTYPE=usb_interface", **kind)
        self.node(f"{part}/ttyUSB0", "bus/usb-serial", f"bus/usb-serial/drivers/{driver}", uevent="", port_number="0")
        device = "MAJOR=188\nMINOR=0\nDEVNAME=ttyUSB0"
        tty = self.node(f"{part}/ttyUSB0/tty/ttyUSB0", "class/tty", uevent=device, dev="188:0")
        (tty / "device").symlink_to("../../../ttyUSB0")
        (self.root / "class/tty/ttyUSB0").symlink_to(os.path.relpath(tty, self.root / "class/tty"))


@pytest.fixture
def sys(tmp_path: Path) -> Sys:
    return Sys(tmp_path / "sys")


def asked(sys: Sys, device: str = "ttyUSB0") -> dict[str, str]:
    """The properties that udev gives the port, by Debian's own rules and ours; in a mount namespace of its own."""
    dev = sys.root.parent / "dev"
    dev.mkdir()
    (dev / "null").touch()
    # Even a test makes links in /dev: it gets one of its own.
    script = (
        "mkdir -p /run/udev && mount -t tmpfs none /run/udev && mkdir /run/udev/rules.d"
        f" && cp {RULES}/*.rules /run/udev/rules.d"
        f" && mount --bind /dev/null {dev}/null && mount --rbind {dev} /dev && mount --bind {sys.root} /sys"
        f" && udevadm test --action=add /sys/class/tty/{device}"
    )
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script],
        env=os.environ | {"SYSTEMD_DEVICE_VERIFY_SYSFS": "0"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = dict(re.findall(r"^(?:E: |  )?([A-Z_]+)=(.*)$", done.stdout + done.stderr, re.MULTILINE))
    assert "DEVNAME" in found, done.stdout + done.stderr
    return found


def names(found: dict[str, str]) -> set[str]:
    return {link for link in found.get("DEVLINKS", "").split() if "/serial/" not in link}


def test_an_adapter_goes_by_its_number_and_by_its_socket(sys: Sys) -> None:
    sys.plug("A10K3X", "ftdi_sio")
    found = asked(sys)
    assert names(found) == {"/dev/meter-A10K3X", SOCKET}
    assert found["ID_MM_PORT_IGNORE"] == "1"
    assert "systemd" in found["TAGS"]


def test_the_further_ports_of_an_adapter_have_names_of_their_own(sys: Sys) -> None:
    sys.plug("A10K3X", "ftdi_sio", interface="01")
    assert "/dev/meter-A10K3X-01" in names(asked(sys))


@pytest.mark.parametrize("serial", ["", "0", "0001", "0123456789"])
def test_without_a_number_of_its_own_it_goes_by_its_socket(sys: Sys, serial: str) -> None:
    sys.plug(serial, "ch341-uart")
    assert names(asked(sys)) == {SOCKET}


def test_a_mobile_phone_modem_stays_one(sys: Sys) -> None:
    sys.plug("X", "option1")
    found = asked(sys)
    assert names(found) == set()
    assert "ID_MM_PORT_IGNORE" not in found


def test_the_port_on_the_pins_is_serial0(sys: Sys) -> None:
    tty = sys.node("devices/platform/uart0/tty/ttyAMA0", "class/tty", uevent="MAJOR=204\nMINOR=64\nDEVNAME=ttyAMA0")
    (sys.root / "class/tty/ttyAMA0").symlink_to(os.path.relpath(tty, sys.root / "class/tty"))
    assert names(asked(sys, "ttyAMA0")) == {"/dev/serial0"}
