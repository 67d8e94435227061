"""Says what the running collector tells of itself: one JSON file in the runtime directory, rewritten as it changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

#: Name of the file in the runtime directory.
STATUS_FILE = "status.json"


@dataclass(frozen=True, slots=True)
class MeterStatus:
    """How one meter does. `state`: "ok", "silent" (no answer), "failing" (answers are not believed), "starting"."""

    name: str
    line: str
    model: str
    every: float
    state: str
    last_reading: int | None = None  #: UTC ms
    last_error: str | None = None
    next_try: float | None = None  #: s from now, when backing off
    readings: int = 0
    missed: int = 0  #: slots that could not be kept
    errors: Mapping[str, int] = field(default_factory=dict)  #: kind -> count since start
    response_ms: tuple[float, float] | None = None  #: p50, p99 of the first byte's delay


@dataclass(frozen=True, slots=True)
class LineStatus:
    """How one line does. `utilisation`: share of the last minute in which the wire was busy, 0 to 1."""

    name: str
    target: str
    open: bool
    utilisation: float
    requests: int = 0
    errors: Mapping[str, int] = field(default_factory=dict)
    last_error: str | None = None
    hint: str | None = None  #: what to do about it
    alive: bool = True


@dataclass(frozen=True, slots=True)
class SpoolStatus:
    """What waits for the store."""

    in_hand: int = 0  #: readings in the batch in RAM
    on_disk: int = 0  #: readings in disk segments
    bytes_on_disk: int = 0
    oldest: int | None = None  #: UTC ms of the oldest waiting reading, if its time is known
    dropped: int = 0  #: readings given up at the bound, since start
    full: bool = False


@dataclass(frozen=True, slots=True)
class WriterStatus:
    """How storing goes. `state`: "ok", "down", "refused", "outdated", "draining"."""

    state: str = "ok"
    last_commit: int | None = None  #: UTC ms
    committed: int = 0
    commit_ms: float | None = None  #: the last commit's duration
    last_error: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class ClockStatus:
    """What is known of the time. `source`: "ntp", "rtc", "set", "system" or None while unknown."""

    trusted: bool = False
    source: str | None = None
    offset_ms: float | None = None  #: our time minus the system clock
    since: int | None = None  #: UTC ms when it became trusted


@dataclass(frozen=True, slots=True)
class CollectorStatus:
    """Everything the health page shows of the collector.

    `time`, `started`: UTC ms, or ms since the boot while the time is not known.
    """

    time: int
    started: int
    version: str
    pid: int
    site: str
    meters: tuple[MeterStatus, ...]
    lines: tuple[LineStatus, ...]
    spool: SpoolStatus
    writer: WriterStatus
    clock: ClockStatus
    refused: Mapping[str, int] = field(default_factory=dict)  #: "meter quantity reason" -> values refused

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> CollectorStatus:
        """Reads what `to_json` wrote; ValueError, KeyError or TypeError if it is something else."""
        data: dict[str, Any] = json.loads(text)
        data["meters"] = tuple(
            MeterStatus(**{**m, "response_ms": tuple(m["response_ms"]) if m["response_ms"] else None})
            for m in data["meters"]
        )
        data["lines"] = tuple(LineStatus(**line) for line in data["lines"])
        data["spool"] = SpoolStatus(**data["spool"])
        data["writer"] = WriterStatus(**data["writer"])
        data["clock"] = ClockStatus(**data["clock"])
        return cls(**data)
