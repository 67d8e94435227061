"""Computes the unbalance of three phases: IEC 61000-4-30 (5.7), else the deviation from the mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import Enum


class Method(Enum):
    """How an unbalance was found; people who compare figures must know."""

    NEGATIVE_SEQUENCE = "negative sequence"  #: |U2| / |U1| from the three voltages between lines
    MEAN_DEVIATION = "largest deviation from the mean"  #: of three magnitudes; what a meter without angles allows
    METER = "the meter's own"


#: Below this share of the largest, a phase is not there: its unbalance is unknown, not large.
ABSENT = 0.05


def negative_sequence(lines: Sequence[float | None]) -> float | None:
    """|U2| / |U1| in percent from the magnitudes of U12, U23, U31; None where one is absent or no triangle.

    The voltages between lines always sum to zero, so their three magnitudes fix the triangle and with it both
    sequences (IEC 61000-4-30, 5.7.1, formula with beta).
    """
    known = _present(lines)
    if known is None:
        return None
    squares = [value * value for value in known]
    beta = sum(square * square for square in squares) / sum(squares) ** 2
    inner = 3 - 6 * beta
    if inner < 0:
        return None  # no triangle has such sides: they were not read at the same time
    root = math.sqrt(inner)
    return 100 * math.sqrt(max(0.0, (1 - root) / (1 + root)))


def mean_deviation(phases: Sequence[float | None]) -> float | None:
    """Largest deviation from the mean of three magnitudes, in percent of the mean; None where a phase is absent."""
    known = _present(phases)
    if known is None:
        return None
    mean = sum(known) / len(known)
    return 100 * max(abs(value - mean) for value in known) / mean


def _present(values: Sequence[float | None]) -> list[float] | None:
    """Three magnitudes, or None: an absent phase is unknown, not balanced."""
    known = [abs(value) for value in values if value is not None]
    if len(known) != 3 or min(known) <= ABSENT * max(known):
        return None
    return known
