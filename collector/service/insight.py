"""Runs the calculations: what is due, newest first, for as long as it is given; then what changes as time passes."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
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
from collector.model.insight import Calculation, Computed, Due, InsightStore, Period
from collector.service.prices import keep_prices
from collector.store.factory import open_insights

log = logging.getLogger(__name__)

#: s that one run takes at most; what is left waits for the next one.
PATIENCE = 600.0
#: Days of a calculation that are computed at once.
PIECE = 64
#: Rows of results after which a transaction is closed: short enough that the collector never waits long for it.
MOST_ROWS = 10_000


def calculations(settings: Settings) -> Sequence[Calculation]:
    """All of them, those that follow another one, or look at what it stored, behind it."""
    zone = settings.site.zone
    return (
        Forecasts(zone, settings.forecast, settings.tariffs),
        Energy(zone, settings.tariffs),
        Bill(zone, settings.tariffs),
        TenMinuteValues(settings.meters),
        PeriodVerdicts(settings.meters, zone),
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
        self._failed: set[str] = set()

    def all(self) -> int:
        """Runs every calculation, a piece of each in turn, so that none waits for the past of another; how many days
        still wait. A calculation that fails costs the others nothing; PhaselogError says so at the end."""
        keep_prices(self._settings, self._store, self._now())
        left = list(calculations(self._settings))
        for calculation in left:
            self._enroll(calculation)
        todo = left
        while todo and time.monotonic() < self._deadline:
            # What follows another one reads what that one has stored.
            self._work([each for each in todo if not each.follows], self._piece)
            self._work([each for each in todo if each.follows], self._piece)
            todo = [each for each in todo if self._waits(each)]
        self._work(left, self._refresh)
        if self._failed:
            names = ", ".join(calculation.name for calculation in left if calculation.name in self._failed)
            raise PhaselogError(f"not computed: {names}", "the log says why; `phaselog report` packs what is needed")
        return sum(len(self._store.due(calculation.name, PIECE)) for calculation in left)

    def _enroll(self, calculation: Calculation) -> None:
        seen = sha256(f"{self._settings.site.timezone} {calculation.fingerprint}".encode()).hexdigest()
        if self._store.enroll(calculation.name, calculation.follows, seen):
            log.info("%s: new, or other than it was: all days are due", calculation.name)

    def _work(self, todo: Sequence[Calculation], work: Callable[[Calculation], Iterable[Computed]]) -> None:
        """This work of each, stored in as few transactions as can be: each of them costs the card a sync."""
        made: list[Computed] = []
        for calculation in todo:
            for computed in self._made(calculation, work):
                made.append(computed)
                if _rows(made) >= MOST_ROWS:
                    self._save(made)
                    made = []
        self._save(made)

    def _made(self, calculation: Calculation, work: Callable[[Calculation], Iterable[Computed]]) -> Iterator[Computed]:
        """What comes of the work until it fails; the store's own errors are everybody's."""
        if calculation.name in self._failed:
            return
        try:
            yield from work(calculation)
        except PhaselogError:
            raise
        except Exception:
            log.exception("%s", calculation.name)
            self._failed.add(calculation.name)

    def _save(self, made: Sequence[Computed]) -> None:
        if made:
            self._store.save(made)

    def _waits(self, calculation: Calculation) -> bool:
        """Whether there is more to do; what follows another is due again when that one has gone on."""
        names = [name for name in (calculation.name, calculation.follows) if name]
        return calculation.name not in self._failed and any(self._store.due(name, 1) for name in names)

    def _piece(self, calculation: Calculation) -> Iterator[Computed]:
        by_meter: dict[str, list[Due]] = defaultdict(list)
        for each in self._store.due(calculation.name, PIECE):
            by_meter[each.meter].append(each)
        for meter, mine in by_meter.items():
            zone = self._settings.site.zone
            days = {Period(*calendar.local_day(each.time, zone)) for each in mine}
            newest = sorted(days, key=lambda day: -day.start)
            results = list(calculation.compute(self._store, meter, newest, self._now()))
            yield Computed(calculation.name, mine, results)

    def _refresh(self, calculation: Calculation) -> Iterator[Computed]:
        for meter in self._settings.meters:
            if time.monotonic() < self._deadline:
                results = list(calculation.refresh(self._store, meter.name, self._now()))
                if results:
                    yield Computed(calculation.name, (), results)


def _rows(made: Sequence[Computed]) -> int:
    return sum(len(result.rows) for each in made for result in each.results)
