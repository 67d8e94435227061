"""Says what an event is: something that happened once and that a person may want to find later."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """One row of table `event`. `time`: UTC ms. `kind`: one lower-case word (`counter_reset`, `clock_moved` ...)."""

    time: int
    kind: str
    message: str
    meter: str | None = None
