"""Finds serial ports and the names that stay theirs: `/dev/ttyUSB0` is whoever came first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from serial.tools import list_ports

from collector.config.settings import USB
from collector.errors import PortMissing

#: Where the kernel says what kind of chip drives a port; "0": none.
_SYS = Path("/sys/class/tty")
#: Names that udev makes: the best first. A rule of ours or the user's (`/dev/meter-rs485`) says what the port is for.
_STABLE = ("meter-*", "serial/by-id/*", "serial/by-path/*", "serial[0-9]")
_KERNEL_NAME = re.compile(r"tty(USB|ACM)\d+")


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
        return bool(self.names) or not _KERNEL_NAME.fullmatch(Path(self.device).name)


def ports(dev: Path = Path("/dev")) -> list[Port]:
    """Every serial port that a meter may hang on, in order of its name."""
    found = {
        info.device: _describe(info.description, info.hwid) for info in list_ports.comports() if _real(info.device)
    }
    return [Port(device, words, stable_names(device, dev)) for device, words in sorted(found.items())]


def device_of(port: str, plugged: Callable[[], Sequence[Port]] = ports) -> str:
    """The device that a configured `port` means now: itself, or for "usb" the only USB serial adapter.

    Raises PortMissing when none is plugged in, and when there are several: a guess could read the wrong meter.
    """
    if port != USB:
        return port
    adapters = [each for each in plugged() if _KERNEL_NAME.fullmatch(Path(each.device).name)]
    if not adapters:
        hint = (
            "plug in a USB-RS485 adapter, its A to the meter's A (-), its B to B (+); nothing else is to be done"
            " (docs/how-to/connect-an-adapter.md)"
        )
        raise PortMissing("no USB serial adapter is connected", hint)
    if len(adapters) > 1:
        names = ", ".join(each.use for each in adapters)
        hint = 'write the one with the meter into the configuration: port = "..."; `phaselog ports` tells more'
        raise PortMissing(f"{len(adapters)} USB serial adapters are connected: {names}", hint)
    return adapters[0].device


def stable_names(device: str, dev: Path = Path("/dev")) -> tuple[str, ...]:
    """The names of a port that do not change, best first; none for a port that has only its kernel name."""
    target = Path(device).resolve()
    links = (link for pattern in _STABLE for link in sorted(dev.glob(pattern)) if link.is_symlink())
    return tuple(str(link) for link in links if link.resolve() == target)


def stable_name(device: str, dev: Path = Path("/dev")) -> str | None:
    """The best name to configure instead of `/dev/ttyUSB0`; None if that one is fine or there is no better one."""
    if not _KERNEL_NAME.fullmatch(Path(device).name):
        return None
    return next(iter(stable_names(device, dev)), None)


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
