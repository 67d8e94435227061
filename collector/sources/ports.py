"""Finds serial ports, the names that stay theirs, and the one that `port = "usb"` means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from serial.tools import list_ports

from collector.config.port_names import by_order_of_plugging, stable_name, stable_names
from collector.errors import LineError, PortMissing

#: Where the kernel says what kind of chip drives a port; "0": none.
_SYS = Path("/sys/class/tty")
_DEV = Path("/dev")
#: Drivers of mobile phone modems: they look like serial adapters, but no meter hangs on them.
_MODEMS = frozenset({"option1", "qcserial", "sierra", "hso"})
_BUY = (
    "connect A and B of the meter to A and B of a USB-RS485 adapter and plug it in: it is found by itself. "
    "Buy one with an FTDI chip: it has a serial number, and so a name of its own"
)


@dataclass(frozen=True, slots=True)
class Port:
    """A serial port. `use`: the name to write into the configuration; `names`: all that stay its own, best first."""

    device: str
    description: str
    names: tuple[str, ...]

    @property
    def use(self) -> str:
        """The name that is still right after the next boot."""
        return self.names[0] if self.names else self.device

    @property
    def stable(self) -> bool:
        """False when the port has only a name that depends on the order of plugging in."""
        return bool(self.names) or not by_order_of_plugging(self.device)


def ports(dev: Path = _DEV) -> list[Port]:
    """Every serial port that a meter may hang on, in order of its name."""
    found = {
        info.device: _describe(info.description, info.hwid) for info in list_ports.comports() if _real(info.device)
    }
    return [Port(device, words, stable_names(device, dev)) for device, words in sorted(found.items())]


def only_usb_adapter(dev: Path = _DEV, sys: Path = _SYS) -> str:
    """The best name of the only USB serial adapter, for `port = "usb"`.

    Raises PortMissing if there is none, LineError if there are several: nobody could tell which one is meant.
    """
    devices = [str(dev / name) for name in _usb_adapters(sys) if (dev / name).exists()]
    if not devices:
        raise PortMissing("no USB serial adapter is connected", _BUY)
    names = [stable_name(device, dev) or device for device in devices]
    if len(names) > 1:
        said = f'{len(names)} USB serial adapters are connected, "usb" means the only one: {", ".join(names)}'
        raise LineError(said, f'write the meter\'s own into the file: port = "{names[0]}"')
    return names[0]


def _usb_adapters(sys: Path) -> list[str]:
    found = [path for path in sorted(sys.glob("tty*")) if by_order_of_plugging(path.name)]
    return [path.name for path in found if (path / "device" / "driver").resolve().name not in _MODEMS]


def _real(device: str) -> bool:
    """False for the ports that a PC board announces but does not have."""
    try:
        return (_SYS / Path(device).name / "type").read_text().strip() != "0"
    except OSError:
        return True


def _describe(description: str | None, hwid: str | None) -> str:
    return " ".join(_words(description, hwid)) or "serial port"


def _words(description: str | None, hwid: str | None) -> Iterator[str]:
    if description and description != "n/a":
        yield description
    if hwid and hwid != "n/a" and hwid.startswith("USB"):
        yield f"({hwid.split(' LOCATION')[0]})"
