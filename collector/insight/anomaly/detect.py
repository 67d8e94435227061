"""Finds the anomalies of the last two weeks and says what each looks like: spike, step, drift, base load, stuck."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

from collector.insight.anomaly.cusum import Stay
from collector.insight.anomaly.days import watch_base
from collector.insight.anomaly.hours import Watched, watch
from collector.insight.anomaly.stuck import stuck
from collector.insight.forecast.estimate import History

#: Hours that are watched, and that are needed before them to know what is usual.
WATCHED, NEEDED = 336, 336 + 168
#: Hours up to which it is a spike.
_SPIKE = 3
#: Hours from which it may be a drift, and how much larger its last third then is than its first.
_DRIFT, _GROWN = 36, 2.5
SPIKE, STEP, DRIFT, BASE, STUCK = "spike", "step", "drift", "base", "stuck"


@dataclass(frozen=True, slots=True)
class Anomaly:
    """From hour `begin` to hour `last`. `difference`: mean of what was more than expected; `total`: its sum."""

    kind: str
    begin: int
    last: int
    lasting: bool
    score: float
    expected: float
    difference: float
    total: float


def detect(history: History, *, base: bool) -> list[Anomaly]:
    """What was not as usual, in order of time; `base`: whether its quietest hours mean anything."""
    first = len(history.values) - WATCHED
    known = sum(value is not None for value in history.values[: max(first, 0)])
    if len(history.values) < WATCHED + NEEDED or known < NEEDED:
        return []
    seen = watch(history, first)
    found = [_anomaly(history, seen, stay, STUCK) for stay in stuck(history.values, first)]
    for stay in seen.alarms:
        if not _inside(stay, found):
            found.append(_anomaly(history, seen, stay, _kind(history, seen, stay)))
    for stay in seen.spikes:
        if not _inside(stay, found):
            found.append(_anomaly(history, seen, stay, SPIKE))
    if base:
        found.extend(_bases(history, first, found))
    return sorted(found, key=lambda each: each.begin)


def _inside(stay: Stay, found: list[Anomaly]) -> bool:
    """Whether it is already told as another one."""
    return any(stay.begin <= other.last and other.begin <= stay.last for other in found)


def _bases(history: History, first: int, found: list[Anomaly]) -> list[Anomaly]:
    stays, usual = watch_base(history, first)
    told = []
    for stay in stays:
        days = [value for value in history.values[stay.begin : stay.last + 1] if value is not None]
        if _inside(stay, found) or not days:
            continue
        quiet = sorted(days)[: max(1, len(days) // 4)]
        difference = fmean(quiet) - usual
        whole = (stay.peak, usual, difference, difference * len(days))
        told.append(Anomaly(BASE, stay.begin, stay.last, stay.lasting, *whole))
    return told


def _errors(history: History, seen: Watched, stay: Stay) -> list[float]:
    pairs = zip(history.values[stay.begin : stay.last + 1], seen.expected[stay.begin : stay.last + 1], strict=True)
    return [value - told for value, told in pairs if value is not None and told is not None]


def _kind(history: History, seen: Watched, stay: Stay) -> str:
    errors = _errors(history, seen, stay)
    if stay.last - stay.begin < _SPIKE:
        return SPIKE
    third = len(errors) // 3
    if len(errors) >= _DRIFT and abs(fmean(errors[-third:])) > _GROWN * abs(fmean(errors[:third])):
        return DRIFT
    return STEP


def _anomaly(history: History, seen: Watched, stay: Stay, kind: str) -> Anomaly:
    errors = _errors(history, seen, stay)
    told = [value for value in seen.expected[stay.begin : stay.last + 1] if value is not None]
    return Anomaly(
        kind,
        stay.begin,
        stay.last,
        stay.lasting,
        stay.peak,
        fmean(told) if told else 0.0,
        fmean(errors) if errors else 0.0,
        sum(errors),
    )
