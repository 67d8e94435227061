"""Runs the calculations: what is due, newest first, for as long as it is given; then what changes as time passes."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from hashlib import sha256

from collector.config.settings import Settings
from collector.insight.bill import Bill
from collector.insight.energy import Energy
from collector.insight.quality.calculations import PeriodVerdicts, TenMinuteValues
from collector.model import calendar
from collector.model.insight import Calculation, Due, InsightStore, Period
from collector.service.prices import keep_prices
from collector.store.factory import open_insights

log = logging.getLogger(__name__)

#: s that one run takes at most; what is left waits for the next one.
PATIENCE = 600.0
#: Days of one transaction: short enough that the collector never waits long for it.
PIECE = 64


def calculations(settings: Settings) -> Sequence[Calculation]:
    """All of them, those that follow another one behind it."""
    zone = settings.site.zone
    return (
        Energy(zone, settings.tariffs),
        Bill(zone, settings.tariffs),
        TenMinuteValues(settings.meters),
        PeriodVerdicts(settings.meters, zone),
    )


def compute(settings: Settings, patience: float = PATIENCE) -> int:
    """Computes what is due and what the time of day changes; how many days still wait. Raises StoreError."""
    with closing(open_insights(settings.store, settings.site)) as store:
        return Run(settings, store, time.monotonic() + patience).all()


class Run:
    """One run over all calculations, until a deadline."""

    def __init__(
        self,
        settings: Settings,
        store: InsightStore,
        deadline: float,
        now: Callable[[], int] = lambda: int(time.time() * 1000),
    ) -> None:
        self._settings = settings
        self._store = store
        self._deadline = deadline
        self._now = now

    def all(self) -> int:
        """Runs every calculation; days that still wait."""
        waiting = 0
        keep_prices(self._settings, self._store, self._now())
        for calculation in calculations(self._settings):
            print_ = sha256(f"{self._settings.site.timezone} {calculation.fingerprint}".encode()).hexdigest()
            if self._store.enroll(calculation.name, calculation.follows, print_):
                log.info("%s: new, or other than it was: all days are due", calculation.name)
            self._work(calculation)
            self._refresh(calculation)
            waiting += len(self._store.due(calculation.name, PIECE))
        return waiting

    def _work(self, calculation: Calculation) -> None:
        while time.monotonic() < self._deadline and (due := self._store.due(calculation.name, PIECE)):
            by_meter: dict[str, list[Due]] = defaultdict(list)
            for each in due:
                by_meter[each.meter].append(each)
            for meter, mine in by_meter.items():
                zone = self._settings.site.zone
                days = {Period(*calendar.local_day(each.time, zone)) for each in mine}
                newest = sorted(days, key=lambda day: -day.start)
                results = list(calculation.compute(self._store, meter, newest, self._now()))
                self._store.save(calculation.name, mine, results)

    def _refresh(self, calculation: Calculation) -> None:
        for meter in self._settings.meters:
            if time.monotonic() < self._deadline:
                self._store.save(calculation.name, (), list(calculation.refresh(self._store, meter.name, self._now())))
