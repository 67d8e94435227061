"""Reads the two clocks of this machine that never step."""

from __future__ import annotations

import time


class SystemTicker:
    """The real clocks (implements model.ports.Ticker)."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary point."""
        return time.monotonic()

    def boot_ns(self) -> int:
        """CLOCK_BOOTTIME in ns."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)

    def sleep(self, seconds: float) -> None:
        """Waits."""
        time.sleep(seconds)
