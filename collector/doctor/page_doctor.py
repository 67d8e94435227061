"""Makes the same checks for the page: by what anybody may read, without opening a line and without asking the page."""

from __future__ import annotations

from collections.abc import Sequence

from collector.config.settings import Settings
from collector.doctor import judge, machine, maps, storage
from collector.doctor.appliance import appliance
from collector.doctor.attempt import attempted
from collector.doctor.configuration import configuration
from collector.doctor.prices import prices
from collector.doctor.software import software
from collector.errors import StoreError
from collector.model.finding import Finding
from collector.model.status import CollectorStatus


class PageDoctor:
    """Implements `Doctor`; imports nothing that speaks to meters, for the page's memory."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def judge(self, status: CollectorStatus | None, problem: StoreError | None) -> Sequence[Finding]:
        """What the newest status and the store's last answer mean."""
        return list(judge.judge(self._settings, status, problem))

    def examine(self) -> Sequence[Finding]:
        """Everything else, a few hundred ms."""
        settings = self._settings
        return [
            *attempted("software", software),
            *configuration(settings),
            machine.time_zone(settings),
            *attempted("stored", lambda: storage.stored(storage.answer(settings), settings)),
            *attempted("maps", lambda: maps.maps(settings)),
            *attempted("prices", lambda: prices(settings)),
            *appliance(settings),
        ]
