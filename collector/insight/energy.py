"""Adds up the energy of each local day by tariff band: import, export, inductive reactive energy, highest quarter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from collector.insight.quarters import Counters, Quarter, counters, quarters
from collector.model import calendar
from collector.model.calendar import QUARTER
from collector.model.insight import Period, Replacement, ResultRow, Stored

NAME = "energy"
#: Days that are computed at once: what a small machine holds in memory.
MOST_DAYS = 31
_KILO = Decimal(1_000_000)


class Energy:
    """Implements `Calculation`: table `energy_day`."""

    name = NAME
    follows = None

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    @property
    def fingerprint(self) -> str:
        """What the results depend on."""
        return str(self._zone)

    def compute(self, stored: Stored, meter: str, days: Sequence[Period], now: int) -> Iterable[Replacement]:
        """The energy of these days, and of the days of a gap at either end of them."""
        told = counters([latest.quantity for latest in stored.latest() if latest.meter == meter])
        for run in reversed(list(self._runs(stored, meter, told, days))):
            known = quarters(stored, meter, told, run.start, run.end)
            yield Replacement("energy_day", meter, run.start, run.end, list(self._rows(known)))

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

    def _rows(self, known: Sequence[Quarter]) -> Iterator[ResultRow]:
        days: dict[int, list[Quarter]] = {}
        for quarter in known:
            days.setdefault(calendar.local_day(quarter.start, self._zone)[0], []).append(quarter)
        for start, mine in days.items():
            yield {"time": start, "tariff": "", "band": "", **summed(mine)}


def summed(known: Sequence[Quarter]) -> ResultRow:
    """The figures of these quarters."""
    active = [quarter for quarter in known if quarter.known]
    imported = [(quarter.imported, -quarter.start) for quarter in known if quarter.imported is not None]
    most = max(imported, default=None)
    return {
        "import_kwh": _kilo([quarter.imported for quarter in known]),
        "export_kwh": _kilo([quarter.exported for quarter in known]),
        "reactive_kvarh": _kilo([quarter.reactive for quarter in known]),
        "quarters": len(active),
        "estimated": sum(quarter.estimated for quarter in active),
        "peak_kw": Decimal(most[0] * 4) / _KILO if most else None,
        "peak_time": -most[1] if most else None,
    }


def _kilo(parts: Iterable[int | None]) -> Decimal | None:
    """The sum in kWh or kvarh."""
    known = [part for part in parts if part is not None]
    return sum(known) / _KILO if known else None
