"""Computes how an installation is used: power factor, load factor and loading; two different things, named apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from collector.insight.quality.ten_minutes import TenMinutes
from collector.model.quantity import PHASES


@dataclass(frozen=True, slots=True)
class Use:
    """Over one period, of its 10-minute values; None where it was not measured.

    `power_factor`: |mean P| / sqrt((mean P)^2 + (mean Q)^2); W, var, VA, A.
    """

    active: float | None  #: mean active power, W
    reactive: float | None  #: mean reactive power, var, inductive positive
    peak: float | None  #: highest |active power|, W
    power_factor: float | None
    load_factor: float | None  #: mean / peak of active power
    loading: float | None  #: highest apparent power / rated
    loading_mean: float | None
    currents: tuple[float | None, float | None, float | None]  #: mean of each phase, A


def use(intervals: Sequence[TenMinutes], rated: float | None) -> Use:
    """How the installation was used. `rated`: VA of the installation, None where not told."""
    active = _values(intervals, "active_power_total")
    apparent = _values(intervals, "apparent_power_total")
    peak = max((abs(value) for value in active), default=None)
    mean = _mean(active)
    reactive = _mean(_values(intervals, "reactive_power_total"))
    currents = tuple(_mean(_values(intervals, f"current_{phase}")) for phase in PHASES)
    return Use(
        active=mean,
        reactive=reactive,
        peak=peak,
        power_factor=_power_factor(mean, reactive),
        load_factor=abs(mean) / peak if mean is not None and peak else None,
        loading=max(apparent) / rated if apparent and rated else None,
        loading_mean=sum(apparent) / len(apparent) / rated if apparent and rated else None,
        currents=(currents[0], currents[1], currents[2]),
    )


def _power_factor(active: float | None, reactive: float | None) -> float | None:
    """That of the energies, as a supplier bills it: work done against work shoved to and fro."""
    if active is None or reactive is None or (apparent := math.hypot(active, reactive)) == 0:
        return None
    return abs(active) / apparent


def _values(intervals: Sequence[TenMinutes], name: str) -> list[float]:
    return [interval.values[name] for interval in intervals if name in interval.values]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
