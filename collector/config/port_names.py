"""Knows which names of a serial port stay its own: `/dev/ttyUSB0` is whoever came first."""

from __future__ import annotations

import re
from pathlib import Path

#: Names that udev makes. A rule of ours or the user's (`/dev/meter-rs485`) says what the port is for.
_STABLE = ("meter-*", "serial/by-id/*", "serial/by-path/*", "serial[0-9]")
#: How our rule names an adapter without a number of its own: by the USB socket it is in.
SOCKET = "meter-at-"
_KERNEL_NAME = re.compile(r"tty(USB|ACM)\d+")
_USB_NAMES = re.compile(r"/dev/(tty(USB|ACM)\d+|meter-.+|serial/by-(id|path)/.*usb.*)")


def by_order_of_plugging(device: str) -> bool:
    """True for a name that the kernel gives to whoever comes first."""
    return _KERNEL_NAME.fullmatch(Path(device).name) is not None


def of_a_usb_adapter(port: str) -> bool:
    """True for a configured name that only a USB adapter has."""
    return _USB_NAMES.fullmatch(port) is not None


def stable_names(device: str, dev: Path = Path("/dev")) -> tuple[str, ...]:
    """The names of a port that do not change, best first; none for a port that has only its kernel name."""
    target = Path(device).resolve()
    links = (link for pattern in _STABLE for link in sorted(dev.glob(pattern), key=_by_socket) if link.is_symlink())
    return tuple(str(link) for link in links if link.resolve() == target)


def _by_socket(link: Path) -> tuple[bool, str]:
    """The adapter's own name first: it is right in whatever socket it is."""
    return link.name.startswith(SOCKET), link.name


def stable_name(device: str, dev: Path = Path("/dev")) -> str | None:
    """The best name to configure instead of `/dev/ttyUSB0`; None if that one is fine or there is no better one."""
    return next(iter(stable_names(device, dev)), None) if by_order_of_plugging(device) else None
