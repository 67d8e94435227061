"""Holds one pin and counts what comes there for its meter."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from collector.config.settings import MeterSettings
from collector.devices.map import Model
from collector.errors import ConfigError, LineError
from collector.sources.pulses.gpio import edges
from collector.sources.pulses.pace import Pace
from collector.sources.statistics import Statistics

log = logging.getLogger(__name__)

#: A pulse output closes for 30 ms at least (IEC 62053-31); a relay contact bounces for some ms.
DEBOUNCE_MS = 5
#: s until a pin that could not be had is asked for again.
RETRY = 30.0
#: (chip, pin, debounce in µs) -> file descriptor of its edges; raises LineError.
Opener = Callable[[str, int, int], int]


class Pin:
    """The pin of one meter, held or not."""

    def __init__(self, chip: str, meter: MeterSettings, model: Model, opener: Opener) -> None:
        if meter.pulses_per_kwh is None:
            raise ConfigError(f"meter {meter.name}: pulses_per_kwh is missing", hint="the meter prints it, as imp/kWh")
        self.meter = meter
        self.model = model
        self.weight = meter.pulses_per_kwh
        self.pace = Pace(self.weight)
        self.statistics = Statistics()
        self.fd = -1
        self._chip = chip
        self._opener = opener
        self._number = 0  # of the last edge
        self._not_before: float | None = None

    @property
    def held(self) -> bool:
        """True while the kernel tells us this pin's edges."""
        return self.fd >= 0

    def rests(self, now: float) -> bool:
        """True while it is not worth asking again for a pin that could not be had."""
        return self._not_before is not None and now < self._not_before

    def open(self, now: float) -> LineError | None:
        """Asks for the pin; the reason if it cannot be had."""
        debounce_us = round(1000 * float(self.model.options.get("debounce_ms", DEBOUNCE_MS)))
        try:
            self.fd = self._opener(self._chip, self.meter.unit, debounce_us)
        except LineError as error:
            self.statistics.failed(error)
            if self._not_before is None:
                log.warning("meter %s: %s (%s)", self.meter.name, error, error.hint)
            self._not_before = now + RETRY
            return error
        self._not_before = None
        self._number = 0
        return None

    def fetch(self) -> tuple[int, OSError | None]:
        """Pulses since the last time, and why there will be no more.

        Those are included that the kernel numbered but could not keep.
        """
        pulses = 0
        try:
            for edge in edges(self.fd):
                more = (edge.number - self._number) & 0xFFFFFFFF
                self._number = edge.number
                self.pace.pulse(edge.monotonic_ns, more)
                pulses += more
                if more > 1:
                    self.statistics.doubted("edges_not_fetched")
        except OSError as error:
            return pulses, error
        return pulses, None

    def close(self) -> None:
        """Lets go of it."""
        if self.held:
            os.close(self.fd)
            self.fd = -1
            self.pace.forget()
