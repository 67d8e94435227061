"""Looks at the machine: disk, clock, time zone."""

from __future__ import annotations

from collections.abc import Iterator

from collector import BUILD_DATE
from collector.config.places import state_directory
from collector.config.settings import Settings
from collector.doctor.disk import disk
from collector.doctor.finding import Finding, attention, fine
from collector.model.status import ClockStatus, CollectorStatus
from collector.pipeline.clock import SiteClock
from collector.sources.ticker import SystemTicker


def surroundings(settings: Settings, status: CollectorStatus | None) -> Iterator[Finding]:
    """What every logger needs of its machine."""
    yield _clock(status.clock if status else _own_clock(settings))
    yield fine("time zone", f"days are those of {settings.site.timezone}")
    yield disk(settings)


def _own_clock(settings: Settings) -> ClockStatus:
    """What the collector would know of the time if it were started now."""
    clock = SiteClock(settings.clock, state_directory(settings.path), SystemTicker())
    clock.poll()
    return clock.status()


def _clock(found: ClockStatus) -> Finding:
    if found.trusted:
        return fine("clock", f"trusted, from {found.source}")
    advice = "connect it to the internet (NTP), add a clock chip, or `phaselog clock set`"
    return attention("clock", f"not trusted yet (Phaselog itself is of {BUILD_DATE}): times will be estimated", advice)
