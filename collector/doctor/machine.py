"""Looks at what every logger needs of its machine: a clock and a time zone."""

from __future__ import annotations

from collector.config.places import state_directory
from collector.config.settings import Settings
from collector.model.finding import Finding, fine
from collector.model.status import ClockStatus
from collector.pipeline.trusted_time import this_machine
from collector.sources.ticker import SystemTicker


def time_zone(settings: Settings) -> Finding:
    """What a day is."""
    return fine("time zone", f"days are those of {settings.site.timezone}")


def own_clock(settings: Settings) -> ClockStatus:
    """What the collector would know of the time if it were started now; unlike its own clock this writes nothing."""
    machine = this_machine(settings.clock.trust, state_directory(settings.path), SystemTicker().boot_ns)
    found = next((name for name, read in machine.sources.items() if read() is not None), None)
    return ClockStatus(found is not None, found)
