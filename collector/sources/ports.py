"""Finds serial ports and the names that stay theirs: `/dev/ttyUSB0` is whoever came first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from collector.config.port_names import SOCKET, by_order_of_plugging, stable_names
from collector.config.settings import USB
from collector.errors import PortMissing

#: Where the kernel says what kind of chip drives a port; "0": none.
_SYS = Path("/sys/class/tty")
#: Drivers of mobile phone modems: they look like serial adapters, but no meter hangs on them.
_MODEMS = frozenset({"option1", "qcserial", "sierra", "hso"})


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


def ports(dev: Path = Path("/dev")) -> list[Port]:
    """Every serial port that a meter may hang on, in order of its name."""
    found = [info for info in list_ports.comports() if _real(info.device)]
    twins = _twins(found)
    return [
        Port(info.device, _describe(info.description, info.hwid), _own(stable_names(info.device, dev), twins))
        for info in sorted(found, key=lambda info: info.device)
    ]


def device_of(port: str, plugged: Callable[[], Sequence[Port]] = ports) -> str:
    """The name of the port that a configured `port` means now: itself, or for "usb" the only USB serial adapter's.

    Raises PortMissing when none is plugged in, and when there are several: a guess could read the wrong meter.
    """
    if port != USB:
        return port
    adapters = [each for each in plugged() if by_order_of_plugging(each.device)]
    if not adapters:
        hint = (
            "plug in a USB-RS485 adapter, its A to the meter's A (-), its B to B (+); nothing else is to be done."
            " The best ones have an FTDI chip, and so a serial number (docs/how-to/connect-an-adapter.md)"
        )
        raise PortMissing("no USB serial adapter is connected", hint)
    if len(adapters) > 1:
        names = ", ".join(each.use for each in adapters)
        hint = 'write the one with the meter into the configuration: port = "..."; `phaselog ports` tells more'
        raise PortMissing(f"{len(adapters)} USB serial adapters are connected: {names}", hint)
    return adapters[0].use


def _twins(plugged: Iterable[ListPortInfo]) -> frozenset[str]:
    """Serial numbers that several of the adapters have: some makers give all the same."""
    adapters = {(info.serial_number, info.usb_device_path) for info in plugged if info.serial_number}
    count = Counter(number for number, _ in adapters)
    return frozenset(number for number, times in count.items() if times > 1)


def _own(names: Iterable[str], twins: frozenset[str]) -> tuple[str, ...]:
    """Without the names that would be those of another adapter as well."""
    return tuple(name for name in names if not (_numbered(name) and any(number in name for number in twins)))


def _numbered(name: str) -> bool:
    return not Path(name).name.startswith(SOCKET) and "by-path" not in name


def _real(device: str) -> bool:
    """False for the ports that a PC board announces but does not have, and for modems."""
    if (_SYS / Path(device).name / "device" / "driver").resolve().name in _MODEMS:
        return False
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
