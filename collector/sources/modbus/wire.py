"""Says what a wire is: one request at a time, and an answer only if it is the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from collector.config.settings import LineSettings
from collector.sources.modbus.queries import Query


@dataclass(frozen=True, slots=True)
class Answer:
    """A believed answer. `pdu`: function code and what follows. `boot_ns`: CLOCK_BOOTTIME of its first byte.

    `response`: s from the end of the request to the first byte.
    """

    pdu: bytes
    boot_ns: int
    response: float


class Wire(Protocol):
    """One line to one or more meters; used by one thread. Opens at first use, and anew after it broke."""

    @property
    def line(self) -> LineSettings:
        """What the configuration says of it."""
        ...

    @property
    def target(self) -> str:
        """How people call it: `/dev/meter-rs485`, `10.0.0.7:502`."""
        ...

    @property
    def numbered(self) -> bool:
        """True when answers carry the number of their request, so that a late one cannot be mistaken."""
        ...

    def exchange(self, query: Query, timeout: float | None = None) -> Answer:
        """Sends the query and returns its answer; `timeout` (s until the first byte) is the line's unless given.

        Raises LineError (port or connection), NoAnswer, BadAnswer or MeterRefused.
        """
        ...

    def close(self) -> None:
        """Closes port or connection; the next exchange opens it again."""
        ...
