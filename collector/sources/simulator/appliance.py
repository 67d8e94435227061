"""Switches a load on and off by the clock, so that its energy at any time is a formula and not a sum of steps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Appliance:
    """Draws `power` W on phase 0, 1 or 2 for the first `on` s of every `period` s, shifted by `offset` s."""

    phase: int
    power: float
    period: float
    on: float
    offset: float

    def drawn(self, time: float) -> float:
        """W at this time (s)."""
        return self.power if (time + self.offset) % self.period < self.on else 0.0

    def energy(self, time: float) -> float:
        """Ws drawn from time 0 until this time."""
        return self.power * (self._seconds_on(time + self.offset) - self._seconds_on(self.offset))

    def _seconds_on(self, time: float) -> float:
        whole, rest = divmod(time, self.period)
        return whole * self.on + min(rest, self.on)
