"""Says what alert rules may look at: one snapshot of everything that is known at one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from collector.model.event import Event
from collector.model.finding import Finding
from collector.model.status import CollectorStatus


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest word on one quantity: UTC ms, and the value; None: it was due and is missing."""

    time: int
    value: float | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a calculation says of one meter: `subject` names it ("voltage_l1", "active_power_total")."""

    meter: str
    subject: str
    bad: bool
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything at `now` (UTC ms). `events`: those since the last look. None: could not be looked at."""

    now: int
    status: CollectorStatus | None
    values: Mapping[tuple[str, str], Newest]
    events: Sequence[Event] = ()
    findings: Sequence[Finding] | None = None
    quality: Sequence[Judged] | None = None
    anomalies: Sequence[Judged] | None = None
    #: (meter, quantity, seconds) -> change of the value over that time; missing where it is not known.
    changes: Mapping[tuple[str, str, float], float] = field(default_factory=dict)
