"""Asks the Linux kernel for the falling edges of a GPIO line (uAPI version 2, linux/gpio.h, since Linux 5.10).

The kernel debounces, stamps each edge (CLOCK_MONOTONIC) and numbers it, so that those which nobody fetched in time are
known. Multi-byte fields are in the machine's own order and alignment. Tested against the documented structures, as a
compiler lays them out, and with a socket in the kernel's place; not yet against a GPIO chip.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from collector.errors import LineError, PortBusy, PortDenied, PortMissing

#: GPIO_V2_LINE_FLAG_*
INPUT, EDGE_FALLING, BIAS_PULL_UP = 1 << 2, 1 << 5, 1 << 8
_ATTRIBUTE_DEBOUNCE = 3
_FALLING = 2
_CONSUMER = b"phaselog"
#: Edges that the kernel keeps for us, which is the most it does: at 10 pulses a second more than a minute.
_BUFFER = 1024
#: struct gpio_v2_line_config_attribute: id, padding, the union (here debounce_period_us), mask of lines.
_ATTRIBUTE = struct.Struct("=IIIIQ")
#: struct gpio_v2_line_config without its 10 attributes: flags, num_attrs, padding.
_CONFIG = struct.Struct("=QI20x")
_ATTRIBUTES_MAX, _LINES_MAX, _NAME_SIZE = 10, 64, 32
#: struct gpio_v2_line_request: offsets, consumer, config, num_lines, event_buffer_size, padding, fd.
REQUEST = struct.Struct(f"={4 * _LINES_MAX}s{_NAME_SIZE}s{_CONFIG.size + _ATTRIBUTES_MAX * _ATTRIBUTE.size}sII20xi")
#: struct gpio_v2_line_event: timestamp_ns, id, offset, seqno, line_seqno, padding.
EVENT = struct.Struct("=QIIII24x")
#: _IOWR(0xB4, 0x07, struct gpio_v2_line_request)
GET_LINE = 3 << 30 | REQUEST.size << 16 | 0xB4 << 8 | 0x07


@dataclass(frozen=True, slots=True)
class Edge:
    """One falling edge: CLOCK_MONOTONIC in ns, and its number on this line since it was asked for, from 1."""

    monotonic_ns: int
    number: int


def request(line: int, debounce_us: int) -> bytes:
    """What asks for the falling edges of one line, pulled up; a level shorter than `debounce_us` is none."""
    attributes = _ATTRIBUTE.pack(_ATTRIBUTE_DEBOUNCE, 0, debounce_us, 0, 1) if debounce_us else b""
    config = _CONFIG.pack(INPUT | EDGE_FALLING | BIAS_PULL_UP, 1 if attributes else 0) + attributes
    return REQUEST.pack(struct.pack("=I", line), _CONSUMER, config, 1, _BUFFER, 0)


def open_line(chip: str, line: int, debounce_us: int) -> int:
    """A file descriptor that gives this line's edges; raises a LineError that says why there is none."""
    try:
        device = os.open(chip, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise _no_chip(chip, error) from error
    asked = bytearray(request(line, debounce_us))
    try:
        fcntl.ioctl(device, GET_LINE, asked)
    except OSError as error:
        raise _no_line(chip, line, error) from error
    finally:
        os.close(device)
    found = int(REQUEST.unpack(asked)[-1])
    os.set_blocking(found, False)
    return found


def edges(fd: int) -> Iterator[Edge]:
    """The edges that wait there; OSError when the line is gone."""
    with suppress(BlockingIOError):
        while True:
            heard = os.read(fd, EVENT.size * _BUFFER)
            if not heard or len(heard) % EVENT.size:
                raise OSError(errno.EIO, "the kernel gives no edges any more")
            for stamp, kind, _, _, number in EVENT.iter_unpack(heard):
                if kind == _FALLING:
                    yield Edge(stamp, number)


def _no_chip(chip: str, error: OSError) -> LineError:
    if error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return PortMissing(f"{chip}: no such GPIO chip", "`ls /dev/gpiochip*` lists them")
    if error.errno in (errno.EACCES, errno.EPERM):
        return PortDenied(f"{chip}: permission denied", "add the user to group gpio, then log in again")
    return LineError(f"{chip}: cannot be opened ({error.strerror})", "`ls /dev/gpiochip*` lists the chips")


def _no_line(chip: str, line: int, error: OSError) -> LineError:
    if error.errno == errno.EBUSY:
        return PortBusy(f"{chip}: pin {line} is taken", "`gpioinfo` tells by whom; or is the collector running?")
    if error.errno in (errno.ENOTTY, errno.ENODEV):
        return PortMissing(f"{chip}: is no GPIO chip", "`ls /dev/gpiochip*` lists them")
    hint = "is `unit` a pin of this chip, and does it have a pull-up? Linux 5.10 or newer is needed"
    return LineError(f"{chip}: pin {line} gives no pulses ({error.strerror})", hint)
