"""Finds interruptions, dips and swells in minute extremes (EN 50160, 3.1 and 4.3), as the sampling shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from collector.model.quantity import PHASES
from collector.model.series import Series

MINUTE = 60_000
#: Of nominal: EN 50160, 3.1.5 (interruption), 3.1.20 (dip) and 3.1.19 (swell).
INTERRUPTED, DIP, SWELL = 0.05, 0.90, 1.10


class Kind(Enum):
    """What happened to the voltage."""

    INTERRUPTION = "interruption"
    DIP = "dip"
    SWELL = "swell"


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One event, [start, end) in UTC ms at the resolution of a minute; `extreme`: share of nominal that was reached."""

    kind: Kind
    start: int
    end: int
    phases: tuple[str, ...]
    extreme: float


def disturbances(minutes: Series, nominal: float) -> list[Disturbance]:
    """What the minutes show, neighbours of one kind joined. What is shorter than the reading period may be missed."""
    found: list[Disturbance] = []
    for event in _each(minutes, nominal):
        last = next((known for known in reversed(found) if known.kind is event.kind), None)
        if last is not None and last.end == event.start:
            found[found.index(last)] = _joined(last, event)
        else:
            found.append(event)
    return found


def _each(minutes: Series, nominal: float) -> Iterator[Disturbance]:
    columns = {phase: minutes.columns.get(f"voltage_{phase}_n") for phase in PHASES}
    for index, time in enumerate(minutes.times):
        low = _at({phase: column.minimum for phase, column in columns.items() if column}, index, nominal)
        high = _at({phase: column.maximum for phase, column in columns.items() if column}, index, nominal)
        yield from _minute(time, low, high)


def _at(columns: Mapping[str, Sequence[float | None]], index: int, nominal: float) -> dict[str, float]:
    known = {phase: column[index] for phase, column in columns.items()}
    return {phase: value / nominal for phase, value in known.items() if value is not None}


def _minute(time: int, low: Mapping[str, float], high: Mapping[str, float]) -> Iterator[Disturbance]:
    if low and max(low.values()) < INTERRUPTED:
        yield Disturbance(Kind.INTERRUPTION, time, time + MINUTE, tuple(low), min(low.values()))
    elif dipped := tuple(phase for phase, value in low.items() if value < DIP):
        yield Disturbance(Kind.DIP, time, time + MINUTE, dipped, min(low.values()))
    if swollen := tuple(phase for phase, value in high.items() if value > SWELL):
        yield Disturbance(Kind.SWELL, time, time + MINUTE, swollen, max(high.values()))


def _joined(last: Disturbance, event: Disturbance) -> Disturbance:
    pick = max if event.kind is Kind.SWELL else min
    phases = tuple(phase for phase in PHASES if phase in (*last.phases, *event.phases))
    return replace(last, end=event.end, phases=phases, extreme=pick(last.extreme, event.extreme))
