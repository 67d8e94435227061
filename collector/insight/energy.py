"""Adds up the energy of each local day by tariff band: import, export, inductive reactive energy, highest quarter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from collector.insight.banding import Banded, banded
from collector.insight.quarters import Counters, Quarter, counters, quarters
from collector.model import calendar
from collector.model.calendar import QUARTER
from collector.model.insight import Period, Replacement, ResultRow, Stored
from collector.model.tariff import Band, Tariff, fingerprint, tariff_of

NAME = "energy"
#: Days that are computed at once: what a small machine holds in memory.
MOST_DAYS = 31


class Energy:
    """Implements `Calculation`: table `energy_day`."""

    name = NAME
    follows = None

    def __init__(self, zone: ZoneInfo, tariffs: Sequence[Tariff] = ()) -> None:
        self._zone = zone
        self._tariffs = tariffs

    @property
    def fingerprint(self) -> str:
        """The bands and when they hold; what they cost makes no difference to energy."""
        return fingerprint([_without_prices(tariff) for tariff in self._tariffs])

    def compute(self, stored: Stored, meter: str, days: Sequence[Period], now: int) -> Iterable[Replacement]:
        """The energy of these days, and of the days of a gap at either end of them."""
        told = self._told(stored, meter)
        for run in reversed(list(self._runs(stored, meter, told, days))):
            known = quarters(stored, meter, told, run.start, run.end)
            yield Replacement("energy_day", meter, run.start, run.end, list(self._rows(stored, meter, known)))

    def _told(self, stored: Stored, meter: str) -> Counters:
        given = [latest.quantity for latest in stored.latest() if latest.meter == meter]
        return counters(given, registers=any(t.registers for t in self._tariffs if t.covers(meter)))

    def hours(self, stored: Stored, meter: str, day: Period) -> Iterator[ResultRow]:
        """The same for each hour of a day, not kept anywhere: hours of the clock, of which one may come twice."""
        known = quarters(stored, meter, self._told(stored, meter), day.start, day.end)
        date_ = calendar.local_date(day.start, self._zone)
        tariff = tariff_of(self._tariffs, meter, date_)
        for start in range(day.start, day.end, 4 * QUARTER):
            mine = [quarter for quarter in known if start <= quarter.start < start + 4 * QUARTER]
            for band, figures in banded(stored, tariff, date_, self._zone, mine).items():
                yield {"time": start, "tariff": tariff.name if tariff else "", "band": band, **row(figures)}

    def refresh(self, stored: Stored, meter: str, now: int) -> Iterable[Replacement]:
        """Nothing changes by itself."""
        return ()

    def _runs(self, stored: Stored, meter: str, told: Counters, days: Sequence[Period]) -> Iterator[Period]:
        """Neighbouring days, with the gaps at their ends: what passed there is spread over all of it."""
        found: Period | None = None
        for start, end in sorted(self._reach(stored, meter, told, day) for day in days):
            if found and start <= found.end and end - found.start <= MOST_DAYS * 86_400_000:
                found = Period(found.start, max(found.end, end))
                continue
            if found:
                yield found
            found = Period(start, end)
        if found:
            yield found

    def _reach(self, stored: Stored, meter: str, told: Counters, day: Period) -> tuple[int, int]:
        before = stored.known_at(meter, told.active, day.start, later=False)
        after = stored.known_at(meter, told.active, day.end, later=True)
        start, end = day.start, day.end
        if before is not None and before < start - QUARTER:
            start = calendar.local_day(before, self._zone)[0]
        if after is not None and after > end:
            end = calendar.local_day(after, self._zone)[1]
        return start, end

    def _rows(self, stored: Stored, meter: str, known: Sequence[Quarter]) -> Iterator[ResultRow]:
        days: dict[date, list[Quarter]] = {}
        day, end = date.min, 0
        for quarter in known:
            if quarter.start >= end:
                day = calendar.local_date(quarter.start, self._zone)
                end = calendar.midnight(day + timedelta(days=1), self._zone)
            days.setdefault(day, []).append(quarter)
        for day, mine in days.items():
            tariff = tariff_of(self._tariffs, meter, day)
            name = tariff.name if tariff else ""
            for band, figures in banded(stored, tariff, day, self._zone, mine).items():
                yield {"time": calendar.midnight(day, self._zone), "tariff": name, "band": band, **row(figures)}


def _without_prices(tariff: Tariff) -> Tariff:
    bands = tuple(Band(band.name, windows=band.windows) for band in tariff.bands)
    return replace(tariff, bands=bands, decimals=None, currency="", billing_day=1, tiers=(), surcharges=(), fixed=(),
                   demands=(), reactive=(), taxes=())  # fmt: skip


def row(figures: Banded) -> ResultRow:
    """What a band's figures are in table `energy_day`."""
    return {
        "import_kwh": figures.kilo(figures.imported),
        "export_kwh": figures.kilo(figures.exported),
        "reactive_kvarh": figures.kilo(figures.reactive),
        "quarters": figures.quarters,
        "estimated": figures.estimated,
        "peak_kw": figures.kilo(figures.peak * 4 if figures.peak is not None else None),
        "peak_time": figures.peak_time,
        "market_import": figures.market_import,
        "market_export": figures.market_export,
        "unpriced_kwh": figures.kilo(figures.unpriced),
        "unpriced_export_kwh": figures.kilo(figures.unpriced_export),
    }
