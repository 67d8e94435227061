"""Explains a counter that goes on from where it cannot be: another unit, other steps, a rollover that no map knows.

An explanation is taken only where chance would give the same figures in at most one of a hundred cases; what remains is
another meter. The figures are in docs/explanation/decisions/0071.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

#: As probable as chance may be.
CHANCE = 0.011
#: Powers of ten by which units and decimals move.
_MOST_DECIMALS = 6
#: Wh: no display has fewer digits than 99999 kWh.
LEAST_END = 1e8
#: A float that is this near (relative) to a whole number of steps is one.
_WHOLE = 1e-9


def rescaled(last: float, said: Sequence[float], reach: float, resolution: float) -> float | None:
    """The power of ten by which these values, in another unit, go on from `last`; None if there is none.

    `reach`: Wh that can have been counted since `last`; `resolution`: Wh of the smallest step, as the values are.
    """
    first = said[0]
    if last <= 0.0 or first <= 0.0:
        return None
    for decimals in range(-_MOST_DECIMALS, _MOST_DECIMALS + 1):
        factor = 10.0**decimals
        slack = resolution * max(1.0, factor)
        if not decimals or not last - slack <= first * factor <= last + reach + slack:
            continue
        # Smaller values compete with a reset only, which seldom ends up just there; larger ones with any meter.
        known = decimals >= 2 and reach <= last and slack <= CHANCE * last
        if known or reach + 2.0 * slack <= CHANCE * last:
            return factor
    return None


def coarser(last: float, said: Sequence[float], grain: float) -> float | None:
    """The steps (Wh) that cut the counter off below `last`; `grain`: the steps that it had."""
    first, distinct = said[0], len(set(said))
    for decimals in range(1, _MOST_DECIMALS + 1):
        step = grain * 10.0**decimals
        if step > CHANCE * last or (grain / step) ** distinct > CHANCE or not 0.0 < last - first < step:
            continue
        if all(whole(value, step) for value in said):
            return step
    return None


def rolled_over(last: float, said: Sequence[float], reach: float, ratio: float, resolution: float) -> float | None:
    """Where the counter began again: a power of ten (times the transformers' ratio), or the end of 32 bits of steps."""
    if last <= 0.0:
        return None
    tens = ratio * max(LEAST_END, 10.0 ** math.ceil(math.log10(last / ratio) - _WHOLE))
    ends = (tens, resolution * 2.0**32)
    return next((end for end in ends if reach <= CHANCE * end and 0.0 <= end - last + said[0] <= reach), None)


def grain_of(value: float, least: float) -> float:
    """The largest decimal steps, from `least` on, of which the value is a whole number."""
    step = least
    for _ in range(_MOST_DECIMALS):
        if not value or not whole(value, step * 10.0):
            return step
        step *= 10.0
    return step


def whole(value: float, step: float) -> bool:
    """True for a whole number of steps."""
    count = value / step
    return abs(count - round(count)) <= _WHOLE * max(1.0, abs(count))
