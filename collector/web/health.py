"""Gathers what the health page shows: the collector's own status, the store's, the disk, versions and events."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from collector import __version__
from collector.errors import StoreError
from collector.model.event import Event
from collector.model.finding import Finding
from collector.model.ports import StoreReader
from collector.model.series import StoreStatus
from collector.model.status import CollectorStatus
from collector.web.answers import events as events_json
from collector.web.site import Site
from collector.web.verdict import Disk, disk

EVENTS = 50


@dataclass(frozen=True, slots=True)
class Health:
    """Everything at one moment; what cannot be known is None. `now`: UTC ms."""

    now: int
    findings: Sequence[Finding]
    status: CollectorStatus | None
    store: StoreStatus | None
    events: Sequence[Event]
    disk: Disk | None

    @property
    def versions(self) -> dict[str, str]:
        """What runs here."""
        found = {
            "Phaselog": __version__,
            "Python": platform.python_version(),
            "System": f"{platform.system()} {platform.release()}, {platform.machine()}",
        }
        if self.store:
            found["Store"] = f"{self.store.kind} {self.store.version}, schema {self.store.schema}"
        return found

    def to_json(self) -> dict[str, Any]:
        """The answer of /api/health."""
        return {
            "now": self.now,
            "findings": [finding.to_json() for finding in self.findings],
            "collector": asdict(self.status) if self.status else None,
            "store": asdict(self.store) if self.store else None,
            "disk": asdict(self.disk) if self.disk else None,
            "versions": self.versions,
            **events_json(self.events),
        }


def health(site: Site) -> Health:
    """Asks everything once; a store that is down is a finding, not an error."""
    now = site.now()

    def ask(store: StoreReader) -> tuple[StoreStatus, Sequence[Event]]:
        return store.status(), store.events(EVENTS)

    kept: StoreStatus | None
    events: Sequence[Event]
    try:
        kept, events = site.access.ask(ask)
    except StoreError:
        kept, events = None, ()
    return Health(now.snapshot.now, now.findings, now.snapshot.status, kept, events, disk(site.place))
