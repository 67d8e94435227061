"""Tells the power from the time between pulses."""

from __future__ import annotations

#: J in a kWh.
_KWH = 3.6e6
#: s; a pulse that stays away this long, and twice as long as the one before, leaves the power unknown: nobody can tell
#: a load that is off from a wire that is broken.
PATIENCE = 3600.0


class Pace:
    """The pulses of one meter since it is heard."""

    def __init__(self, pulses_per_kwh: float) -> None:
        self._energy = _KWH / pulses_per_kwh
        self._since: int | None = None  #: ns of the pulse from which `_pulses` are counted
        self._last = 0
        self._pulses = 0
        self._distance: float | None = None  #: s between two pulses, the last time it was known

    def forget(self) -> None:
        """Nobody listened for a while: the time to the next pulse means nothing."""
        self._since = self._distance = None
        self._pulses = 0

    def pulse(self, monotonic_ns: int, pulses: int) -> None:
        """So many pulses since the one before, the last of them at this time."""
        if self._since is None:
            self._since = monotonic_ns
        else:
            self._pulses += pulses
        self._last = monotonic_ns

    def power(self, monotonic_ns: int) -> float | None:
        """W: the mean over the pulses since the last call, and never more than the pause since the last pulse allows.

        None before the second pulse, and after a pause too long to say anything.
        """
        if self._since is not None and self._pulses and self._last > self._since:
            self._distance = (self._last - self._since) / 1e9 / self._pulses
            self._since, self._pulses = self._last, 0
        if self._distance is None:
            return None
        pause = (monotonic_ns - self._last) / 1e9
        if pause > max(PATIENCE, 2 * self._distance):
            return None
        return self._energy / max(self._distance, pause)
