"""Edges as the kernel tells them: struct gpio_v2_line_event, through a socket that keeps their borders."""

from __future__ import annotations

import os
import socket
import struct

from collector.errors import PortBusy


def event(monotonic_ns: int, number: int, kind: int = 2) -> bytes:
    """uAPI linux/gpio.h: u64 timestamp_ns, u32 id, offset, seqno, line_seqno, padding[6]."""
    return struct.pack("=QIIII6I", monotonic_ns, kind, 17, number, number, *(0,) * 6)


class Pins:
    """Stands for the kernel: gives out file descriptors, and edges on them."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, int]] = []
        self.taken: set[int] = set()
        self._ours: dict[int, socket.socket] = {}
        self._number: dict[int, int] = {}

    def open(self, chip: str, pin: int, debounce_us: int) -> int:
        self.asked.append((chip, pin, debounce_us))
        if pin in self.taken:
            raise PortBusy(f"{chip}: pin {pin} is taken", "by whom?")
        self._ours[pin], theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        theirs.setblocking(False)
        self._number[pin] = 0
        return os.dup(theirs.detach())

    def pulse(self, pin: int, seconds: float, lost: int = 0) -> None:
        """One pulse at this monotonic time; before it the kernel lost so many."""
        self._number[pin] += 1 + lost
        self._ours[pin].send(event(round(seconds * 1e9), self._number[pin]))

    def unplug(self, pin: int) -> None:
        self._ours[pin].close()


class Clock:
    """A ticker that a test moves (implements model.ports.Ticker)."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def monotonic(self) -> float:
        return self.now

    def boot_ns(self) -> int:
        return round(self.now * 1e9) + 5_000_000_000

    def sleep(self, seconds: float) -> None:
        self.now += seconds
