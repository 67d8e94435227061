"""Decides which meter of a line is read when: absolute slots, so that nothing drifts and nothing piles up.

Every block has slots at origin + k * period. A slot that could not be kept is counted and skipped, never queued.
The meter whose slot is oldest goes first, so that a line that is too slow is slow for all alike.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass

#: The longest that a silent meter is left alone, s.
LONGEST_BACK_OFF = 300.0
#: A single failure is weather; from the second on the meter counts as silent and is only probed.
FAILURES_UNTIL_SILENT = 2
#: Slots this much ahead (s) are taken along: blocks of one meter belong into one reading.
TOGETHER = 0.002


@dataclass(slots=True)
class _Meter:
    """What the schedule knows of one meter. `due`: block -> monotonic time of its next slot."""

    periods: Mapping[str, float]
    due: dict[str, float]
    failures: int = 0
    missed: int = 0
    not_before: float = 0.0
    served: float = -math.inf  #: monotonic time of the last attempt

    def next_due(self) -> float:
        return max(min(self.due.values()), self.not_before)


class LineSchedule:
    """The slots of all meters of one line (implements model.ports.Schedule)."""

    def __init__(
        self, meters: Mapping[str, Mapping[str, float]], origin: float, jitter: random.Random | None = None
    ) -> None:
        """`meters`: name -> block -> period in s; `origin`: monotonic time of every first slot."""
        self._origin = origin
        self._jitter = jitter or random.Random()
        self._meters = {
            name: _Meter(periods, dict.fromkeys(periods, origin)) for name, periods in meters.items() if periods
        }

    def next_due(self) -> float:
        """Monotonic time of the earliest due slot of any meter; infinity without meters."""
        return min((meter.next_due() for meter in self._meters.values()), default=math.inf)

    def take(self, now: float) -> tuple[str, frozenset[str]] | None:
        """The meter to read now and its due blocks; their next slots are booked."""
        if not self._meters:
            return None
        name, meter = min(self._meters.items(), key=lambda item: (item[1].next_due(), item[1].served))
        if meter.next_due() > now + TOGETHER:
            return None
        blocks = frozenset(block for block, due in meter.due.items() if due <= now + TOGETHER)
        meter.served = now
        for block in blocks:
            self._book(meter, block, now)
        return name, blocks

    def _book(self, meter: _Meter, block: str, now: float) -> None:
        """Moves the block to its first slot after now; counts the slots that pass unused in between."""
        period = meter.periods[block]
        due = meter.due[block]
        slots = max(1, int((now + TOGETHER - due) // period) + 1)
        if meter.failures < FAILURES_UNTIL_SILENT:
            meter.missed += slots - 1
        # From the origin, not from the last slot: adding periods would add up rounding errors over years.
        index = round((due - self._origin) / period) + slots
        meter.due[block] = self._origin + index * period

    def done(self, meter: str, now: float, alive: bool) -> None:
        """A living meter returns to its slots; a silent one is left alone for growing times."""
        state = self._meters[meter]
        if alive:
            state.failures = 0
            state.not_before = 0.0
            return
        state.failures += 1
        if state.failures >= FAILURES_UNTIL_SILENT:
            shortest = min(state.periods.values())
            # The first wait is one period: what was over soon costs no more than the reading in hand.
            doublings = min(state.failures - FAILURES_UNTIL_SILENT, 20)
            wait = min(LONGEST_BACK_OFF, max(1.0, shortest) * 2.0**doublings)
            # Jitter only shortens: the cap is a promise.
            state.not_before = now + wait * self._jitter.uniform(0.9, 1.0)

    def probing(self, meter: str) -> bool:
        """True when the meter was silent too often: ask with the cheapest request first."""
        return self._meters[meter].failures >= FAILURES_UNTIL_SILENT

    def missed(self, meter: str) -> int:
        """Slots that could not be kept since start (a silent meter's are not counted: it is silent, not slow)."""
        state = self._meters.get(meter)
        return state.missed if state else 0

    def next_try(self, meter: str, now: float) -> float | None:
        """Seconds until a silent meter is probed again; None while it is alive."""
        state = self._meters.get(meter)
        if state is None or state.failures < FAILURES_UNTIL_SILENT:
            return None
        return max(0.0, state.next_due() - now)
