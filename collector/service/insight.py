"""Runs the calculations: what is due, newest first, for as long as it is given; then what changes as time passes."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from hashlib import sha256

from collector.config.settings import Settings
from collector.errors import PhaselogError
from collector.insight.anomaly.calculation import Anomalies
from collector.insight.bill import Bill
from collector.insight.energy import Energy
from collector.insight.forecast.calculation import Forecasts
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
        Forecasts(zone, settings.forecast, settings.tariffs),
        Anomalies(zone),
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
        """Runs every calculation, a piece of each in turn, so that none waits for the past of another; how many days
        still wait. A calculation that fails costs the others nothing; PhaselogError says so at the end."""
        keep_prices(self._settings, self._store, self._now())
        left = list(calculations(self._settings))
        for calculation in left:
            self._enroll(calculation)
        failed: list[Calculation] = []
        todo = list(left)
        while todo and time.monotonic() < self._deadline:
            todo = [each for each in todo if self._ran(each, self._piece, failed)]
        for calculation in left:
            if calculation not in failed:
                self._ran(calculation, self._refresh, failed)
        if failed:
            names = ", ".join(calculation.name for calculation in failed)
            raise PhaselogError(f"not computed: {names}", "the log says why; `phaselog report` packs what is needed")
        return sum(len(self._store.due(calculation.name, PIECE)) for calculation in left)

    def _enroll(self, calculation: Calculation) -> None:
        seen = sha256(f"{self._settings.site.timezone} {calculation.fingerprint}".encode()).hexdigest()
        if self._store.enroll(calculation.name, calculation.follows, seen):
            log.info("%s: new, or other than it was: all days are due", calculation.name)

    def _ran(self, calculation: Calculation, work: Callable[[Calculation], bool], failed: list[Calculation]) -> bool:
        """Whether there is more to do; the store's own errors are everybody's."""
        try:
            return work(calculation)
        except PhaselogError:
            raise
        except Exception:
            log.exception("%s", calculation.name)
            failed.append(calculation)
            return False

    def _piece(self, calculation: Calculation) -> bool:
        due = self._store.due(calculation.name, PIECE)
        by_meter: dict[str, list[Due]] = defaultdict(list)
        for each in due:
            by_meter[each.meter].append(each)
        for meter, mine in by_meter.items():
            zone = self._settings.site.zone
            days = {Period(*calendar.local_day(each.time, zone)) for each in mine}
            newest = sorted(days, key=lambda day: -day.start)
            results = list(calculation.compute(self._store, meter, newest, self._now()))
            self._store.save(calculation.name, mine, results)
        # What follows another is due again when that one has gone on.
        return bool(due) or bool(calculation.follows and self._store.due(calculation.follows, 1))

    def _refresh(self, calculation: Calculation) -> bool:
        for meter in self._settings.meters:
            if time.monotonic() < self._deadline:
                self._store.save(calculation.name, (), list(calculation.refresh(self._store, meter.name, self._now())))
        return False
