"""Measures a plant as a meter does: anew every few moments, with extremes, and with counters that can be reset."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from collector.model.quantity import QUANTITIES
from collector.sources.simulator.plant import Plant

#: How often a meter measures anew, s; what is read in between belongs together.
REFRESH = 0.2


class Measurement:
    """What one meter knows of its plant."""

    def __init__(self, plant: Plant, clock: Callable[[], float], since: float) -> None:
        """`clock`: s, never steps back. `since`: time of the plant now, s."""
        self._plant = plant
        self._clock = clock
        self._ahead = since - clock()
        self._last: float | None = None
        self._now: Mapping[str, float] = {}
        self._offsets: dict[str, float] = {}
        self._extremes: dict[str, float] = {}

    def value(self, quantity: str) -> float:
        """What was measured last, in the quantity's unit."""
        self.refresh()
        return self._now[quantity]

    def extreme(self, name: str) -> float:
        """The largest `QUANTITY_max` or smallest `QUANTITY_min` so far; 0 for any other name."""
        self.refresh()
        return self._extremes.get(name, 0.0)

    def reset_counters(self) -> None:
        """Every counter starts at 0 again."""
        self._offsets = {name: value for name, value in self._fresh().items() if QUANTITIES[name].counts}
        self._last = None

    def refresh(self) -> None:
        """Measures anew when the last measurement is too old."""
        now = self._clock()
        if self._last is not None and now - self._last < REFRESH:
            return
        self._last = now
        self._now = {name: value - self._offsets.get(name, 0.0) for name, value in self._fresh().items()}
        for name, value in self._now.items():
            self._extremes[f"{name}_max"] = max(value, self._extremes.get(f"{name}_max", value))
            self._extremes[f"{name}_min"] = min(value, self._extremes.get(f"{name}_min", value))

    def _fresh(self) -> dict[str, float]:
        return self._plant.at(math.floor((self._clock() + self._ahead) / REFRESH) * REFRESH)
