"""Judges the 10-minute values of one period by one profile: how many lie inside, and which do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from collector.insight.quality.percentile import percentile
from collector.insight.quality.profile import PER_PHASE, Limit, Profile
from collector.insight.quality.symmetry import Method
from collector.insight.quality.ten_minutes import TenMinutes, current_unbalance, voltage_unbalance
from collector.model.quantity import PAIRS, PHASES

#: Evidence that is kept: the worst values outside.
WORST = 5
#: Share of the period that must be measured before it can be called good; bad is bad at once.
LEAST_MEASURED = 0.9
_SQRT3 = 3**0.5


@dataclass(frozen=True, slots=True)
class Nominal:
    """What is right here: phase to neutral in V, and Hz; None: not told, so deviations are unknown."""

    voltage: float | None
    frequency: float | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure over the period, limit or not: statistics of its 10-minute values, in percent."""

    name: str
    measured: int
    mean: float
    low: float  #: lowest 10-minute value
    high: float
    p5: float
    p95: float
    method: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One limit, judged. Counts are 10-minute values; `worst`: (start UTC ms, value) of the worst outside.

    `good`: None where too little was measured to say so.
    """

    figure: str
    limit: Limit
    expected: int
    measured: int
    inside: int
    good: bool | None
    worst: Sequence[tuple[int, float]]

    @property
    def rate(self) -> float | None:
        """Share of what was measured that lies inside: the qualification rate; None where nothing was measured."""
        return self.inside / self.measured if self.measured else None

    @property
    def missing(self) -> int:
        """Values that could not be made: excluded, and shown."""
        return self.expected - self.measured


def deviations(intervals: Sequence[TenMinutes], nominal: Nominal) -> dict[str, list[tuple[int, float]]]:
    """Every figure's values as (start, percent); figures that nothing was measured for are not there."""
    found: dict[str, list[tuple[int, float]]] = {}
    for interval in intervals:
        for name, value in _figures(interval.values, nominal):
            found.setdefault(name, []).append((interval.time, value))
    return found


def _figures(values: Mapping[str, float], nominal: Nominal) -> Iterator[tuple[str, float]]:
    yield from _voltages(values, nominal.voltage)
    if nominal.frequency and "frequency" in values:
        yield "frequency", 100 * (values["frequency"] / nominal.frequency - 1)
    for phase in PHASES:
        if f"voltage_thd_{phase}" in values:
            yield f"voltage_thd_{phase}", values[f"voltage_thd_{phase}"]
    if (voltages := voltage_unbalance(values)) is not None:
        yield "voltage_unbalance", voltages[0]
    if (currents := current_unbalance(values)) is not None:
        yield "current_unbalance", currents


def _voltages(values: Mapping[str, float], nominal: float | None) -> Iterator[tuple[str, float]]:
    """Phases to neutral; a meter without a neutral is judged by its lines."""
    if not nominal:
        return
    phases = [f"voltage_{phase}_n" for phase in PHASES]
    usual = nominal
    if not any(name in values for name in phases):
        phases, usual = [f"voltage_{pair}" for pair in PAIRS], nominal * _SQRT3
    for name in phases:
        if name in values:
            yield name.removesuffix("_n"), 100 * (values[name] / usual - 1)


def method(intervals: Sequence[TenMinutes]) -> Method | None:
    """How the unbalance of the voltages was found in most of the intervals."""
    used = [found[1] for interval in intervals if (found := voltage_unbalance(interval.values))]
    return max(set(used), key=lambda each: (used.count(each), each.value)) if used else None


def figures(found: Mapping[str, Sequence[tuple[int, float]]], how: Method | None) -> list[Figure]:
    """Statistics of every figure."""
    made = []
    for name, pairs in found.items():
        values = sorted(value for _, value in pairs)
        p5, p95 = (percentile(values, share) for share in (0.05, 0.95))
        told = how.value if how and name == "voltage_unbalance" else ""
        made.append(Figure(name, len(values), sum(values) / len(values), values[0], values[-1], p5, p95, told))
    return made


def verdicts(
    profile: Profile, found: Mapping[str, Sequence[tuple[int, float]]], expected: int, whole: int
) -> list[Verdict]:
    """Each limit of the profile for each figure it is about. `expected`: intervals gone, `whole`: in all."""
    return [
        _verdict(limit, name, pairs, expected, whole)
        for limit in profile.limits
        for name, pairs in found.items()
        if name == limit.figure or (limit.figure in PER_PHASE and name.startswith(f"{limit.figure}_l"))
    ]


def _verdict(limit: Limit, name: str, pairs: Sequence[tuple[int, float]], expected: int, whole: int) -> Verdict:
    outside = [pair for pair in pairs if not limit.holds(pair[1])]
    worst = sorted(outside, key=lambda pair: (-limit.excess(pair[1]), pair[0]))[:WORST]
    inside = len(pairs) - len(outside)
    good: bool | None = None
    if len(outside) > (1 - limit.share) * whole + 1e-9:
        good = False  # not even a flawless rest could mend it
    elif pairs and len(pairs) >= LEAST_MEASURED * expected:
        good = inside >= limit.share * len(pairs) - 1e-9
    return Verdict(name, limit, max(expected, len(pairs)), len(pairs), inside, good, worst)
