"""Makes the 10-minute values that the standards judge out of minute summaries (IEC 61000-4-30, 4.5: quadratic mean)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from collector.insight.quality.symmetry import Method, mean_deviation, negative_sequence
from collector.model.quantity import PAIRS, PHASES
from collector.model.series import Series

#: Length of an interval in ms, and how many of its ten minutes must be there.
INTERVAL = 600_000
LEAST_MINUTES = 8

_RMS = (
    *(f"voltage_{phase}_n" for phase in PHASES),
    *(f"voltage_{pair}" for pair in PAIRS),
    *(f"current_{phase}" for phase in PHASES),
    *(f"voltage_thd_{phase}" for phase in PHASES),
)
_MEAN = ("frequency", "active_power_total", "reactive_power_total", "apparent_power_total", "voltage_unbalance")
#: What is asked of the store.
NEEDED = (*_RMS, *_MEAN)


@dataclass(frozen=True, slots=True)
class TenMinutes:
    """One interval of one meter: start (UTC ms) and its values in the quantities' units; what is missing is not there.

    `low` and `high`: lowest and highest single reading, for voltage and frequency.
    """

    time: int
    values: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]


def ten_minutes(minutes: Series) -> Iterator[TenMinutes]:
    """The intervals in which anything was measured, in order; a value needs eight of its ten minutes."""
    start, rows = 0, [0, 0]
    for index, time in enumerate(minutes.times):
        begin = time - time % INTERVAL
        if begin != start:
            yield from _interval(minutes, start, rows)
            start, rows = begin, [index, index]
        rows[1] = index + 1
    yield from _interval(minutes, start, rows)


def _interval(minutes: Series, start: int, rows: Sequence[int]) -> Iterator[TenMinutes]:
    values, low, high = {}, {}, {}
    for name, column in minutes.columns.items():
        known = [value for value in column.value[rows[0] : rows[1]] if value is not None]
        if len(known) < LEAST_MINUTES:
            continue
        squares = name in _RMS
        total = sum(value * value for value in known) if squares else sum(known)
        values[name] = math.sqrt(total / len(known)) if squares else total / len(known)
        if column.minimum:
            low[name] = min(v for v in column.minimum[rows[0] : rows[1]] if v is not None)
            high[name] = max(v for v in column.maximum[rows[0] : rows[1]] if v is not None)
    if values:
        yield TenMinutes(start, values, low, high)


def voltage_unbalance(values: Mapping[str, float]) -> tuple[float, Method] | None:
    """Unbalance of the voltages in percent and how it was found; None where a phase is absent or not measured."""
    exact = negative_sequence([values.get(f"voltage_{pair}") for pair in PAIRS])
    if exact is not None:
        return exact, Method.NEGATIVE_SEQUENCE
    if "voltage_unbalance" in values:
        return values["voltage_unbalance"], Method.METER
    rough = mean_deviation([values.get(f"voltage_{phase}_n") for phase in PHASES])
    return None if rough is None else (rough, Method.MEAN_DEVIATION)


def current_unbalance(values: Mapping[str, float]) -> float | None:
    """Largest deviation of a phase's current from the mean of the three, in percent; None where one is not measured."""
    return mean_deviation([values.get(f"current_{phase}") for phase in PHASES])
