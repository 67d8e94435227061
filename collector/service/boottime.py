"""Gives readings their time of day that were taken before anybody knew it (DESIGN section 4 (4)).

A reading of a boot without a trusted clock waits in the spool with its boot's monotonic time. If the time becomes
known, the shift is simply added. If it does not within `clock.wait`, the boot gets an estimated shift, stored once in
table `boot` so that a replay stamps the same; the rows carry the flag `time_estimated` and are moved when it is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from collector.model.event import Event
from collector.model.ports import StoreWriter, Ticker
from collector.model.reading import Flag, Reading
from collector.pipeline.clock import SiteClock


class BootTimes:
    """Knows the shift (UTC ms = boot ms + shift) of this boot and of earlier ones whose readings still wait."""

    def __init__(self, clock: SiteClock, ticker: Ticker) -> None:
        self._clock = clock
        self._ticker = ticker
        self._estimated: dict[str, int] = {}
        self._corrected: set[str] = set()

    def resolve(self, readings: Sequence[Reading], store: StoreWriter) -> list[Reading] | None:
        """The readings with their UTC time; None while one of them has to wait for a clock."""
        resolved: list[Reading] = []
        for reading in readings:
            timed = self._timed(reading, store, resolved)
            if timed is None:
                return None
            resolved.append(timed)
        return resolved

    def _timed(self, reading: Reading, store: StoreWriter, before: Sequence[Reading]) -> Reading | None:
        boot = reading.boot
        if boot is None:
            return reading
        known = self._clock.shift_of(boot)
        if known is not None and boot not in self._estimated:
            return replace(reading, time=reading.time + known, boot=None)
        if boot == self._clock.boot and not self._clock.wait_is_over and known is None:
            return None
        if boot not in self._estimated:
            # Two boots that never knew the time may wait in one batch: the second goes on after the first.
            last = max((earlier.time for earlier in before), default=0)
            shift = self._clock.estimate(max(last, store.last_time() or 0))
            self._estimated[boot] = store.remember_boot(boot, shift)
        flags = reading.flags | Flag.TIME_ESTIMATED
        return replace(reading, time=reading.time + self._estimated[boot], boot=None, flags=flags)

    def correct(self, store: StoreWriter, go_on: Callable[[], bool], tell: Callable[[Event], None]) -> None:
        """Moves the rows of every boot whose true time is known, a piece at a time, while `go_on` allows it.

        Earlier boots too: the power may have failed between learning the time and moving the last row.
        """
        for boot, shift in self._clock.shifts().items():
            if boot not in self._corrected:
                self._correct(boot, shift, store, go_on, tell)

    def _correct(
        self, boot: str, shift: int, store: StoreWriter, go_on: Callable[[], bool], tell: Callable[[Event], None]
    ) -> None:
        moved = boot in self._estimated
        while store.correct_boot(boot, shift):
            moved = True
            if not go_on():
                return
        self._corrected.add(boot)
        if moved:
            now, _ = self._clock.stamp(self._ticker.boot_ns())
            tell(Event(now, "clock_moved", "The time became known: readings with estimated time were moved to it"))
        self._estimated.pop(boot, None)
