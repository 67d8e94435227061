"""Understands raw numbers that are coded in a maker's own way, as the manuals of the models that use them say."""

from __future__ import annotations

from collections.abc import Callable

from collector.devices.map import Encoding, Register


def understanding(register: Register) -> Callable[[float], float | None] | None:
    """What turns the register's raw number into the meant one, None where it is plain."""
    if register.encoding is Encoding.FOUR_QUADRANT:
        return four_quadrant
    if register.encoding is Encoding.MAGNITUDE:
        below = (1 << 16 * register.type.count - 1) - 1
        return lambda raw: float(int(raw) & below)
    return None


def four_quadrant(raw: float) -> float | None:
    """The power factor (-1 to 1) of -2 to 2: 1.9 is 0.1 leading, -1.9 is -0.1, that is of power that is exported."""
    if abs(raw) > 2:
        return None
    return raw if abs(raw) <= 1 else (2.0 if raw > 0 else -2.0) - raw
