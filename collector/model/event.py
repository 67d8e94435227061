"""Says what an event is: something that happened once and that a person may want to find later."""

from __future__ import annotations

from dataclasses import dataclass

#: How the kinds of what people did at the page begin: logins and changes, which not everybody needs to see.
PAGE_KIND = "page-"


@dataclass(frozen=True, slots=True)
class Event:
    """One row of table `event`. `time`: UTC ms. `kind`: one lower-case word (`counter_reset`, `clock_moved` ...)."""

    time: int
    kind: str
    message: str
    meter: str | None = None
