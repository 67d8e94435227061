"""Computes the tables of quality: 10-minute values and disturbances of each day; what they say of day, week, month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from collector.config.settings import MeterSettings
from collector.insight.quality.assess import Nominal, deviations, figures, method, verdicts
from collector.insight.quality.disturbances import disturbances
from collector.insight.quality.load import use
from collector.insight.quality.profile import Profile, profiles
from collector.insight.quality.rows import interval_of, interval_row, period_rows
from collector.insight.quality.ten_minutes import INTERVAL, NEEDED, ten_minutes
from collector.model import calendar
from collector.model.insight import Period, Replacement, ResultRow, Stored
from collector.model.series import Resolution

VALUES, DISTURBANCES = "quality_10m", "disturbance"
#: Tables of what is said of a local day, of a week from Monday on, of a month.
PERIODS = {"day": "quality_day", "week": "quality_week", "month": "quality_month"}


def nominal(meter: MeterSettings) -> Nominal:
    """What is right at this meter."""
    return Nominal(meter.nominal_voltage, meter.nominal_frequency)


class TenMinuteValues:
    """Implements `Calculation`: tables `quality_10m` and `disturbance`, out of minute summaries."""

    name = VALUES
    follows = None

    def __init__(self, meters: Sequence[MeterSettings]) -> None:
        self._meters = {meter.name: meter for meter in meters}

    @property
    def fingerprint(self) -> str:
        """What the results depend on."""
        return repr(sorted((name, meter.nominal_voltage) for name, meter in self._meters.items()))

    def compute(self, stored: Stored, meter: str, days: Sequence[Period], now: int) -> Iterable[Replacement]:
        """These days; one whose minutes retention has removed keeps what was computed of it."""
        voltage = self._meters[meter].nominal_voltage if meter in self._meters else None
        for day in days:
            minutes = stored.series(meter, NEEDED, day.start, day.end, Resolution.MINUTE)
            if not minutes.times:
                continue
            known = [each for each in ten_minutes(minutes) if each.time + INTERVAL <= now]
            yield Replacement(VALUES, meter, day.start, day.end, [interval_row(each) for each in known])
            found = disturbances(minutes, voltage) if voltage else []
            rows: list[ResultRow] = [
                {
                    "time": each.start, "kind": each.kind.value, "until": each.end,
                    "phases": " ".join(each.phases), "extreme": each.extreme,
                }
                for each in found
            ]  # fmt: skip
            yield Replacement(DISTURBANCES, meter, day.start, day.end, rows)

    def refresh(self, stored: Stored, meter: str, now: int) -> Iterable[Replacement]:
        """Nothing changes by itself."""
        return ()


class PeriodVerdicts:
    """Implements `Calculation`: tables `quality_day`, `quality_week` and `quality_month`, by each meter's profile."""

    name = "quality"
    follows = VALUES

    def __init__(self, meters: Sequence[MeterSettings], zone: ZoneInfo) -> None:
        self._meters = {meter.name: meter for meter in meters}
        self._zone = zone

    @property
    def fingerprint(self) -> str:
        """What the results depend on."""
        told = (
            (name, meter.quality_profile, meter.nominal_voltage, meter.nominal_frequency, meter.rated_apparent_power)
            for name, meter in self._meters.items()
        )
        return f"{self._zone} {sorted(told, key=str)} {profiles()}"

    def compute(self, stored: Stored, meter: str, days: Sequence[Period], now: int) -> Iterable[Replacement]:
        """The periods that these days belong to."""
        if meter not in self._meters:
            return
        for table, spans in self._spans(days).items():
            for span in spans:
                rows = self._rows(stored, self._meters[meter], span, now)
                yield Replacement(table, meter, span.start, span.end, list(rows))

    def refresh(self, stored: Stored, meter: str, now: int) -> Iterable[Replacement]:
        """Nothing changes by itself: what is expected of a period grows with the values that come."""
        return ()

    def _spans(self, days: Sequence[Period]) -> Mapping[str, Sequence[Period]]:
        weeks = {Period(*calendar.local_week(day.start, self._zone)) for day in days}
        months = {Period(*calendar.local_month(day.start, self._zone)) for day in days}
        spans = (days, sorted(weeks, key=_start), sorted(months, key=_start))
        return dict(zip(PERIODS.values(), spans, strict=True))

    def _rows(self, stored: Stored, meter: MeterSettings, span: Period, now: int) -> Iterator[ResultRow]:
        known = [interval_of(row) for row in stored.results(VALUES, meter.name, span.start, span.end)]
        if not known:
            return
        whole = (span.end - span.start) // INTERVAL
        gone = max(0, min(whole, (now - span.start) // INTERVAL))
        found = deviations(known, nominal(meter))
        judged = verdicts(profile_of(meter), found, gone, whole)
        used = use(known, meter.rated_apparent_power)
        yield from period_rows(span.start, figures(found, method(known)), judged, used)


def profile_of(meter: MeterSettings) -> Profile:
    """The profile by which this meter is judged."""
    return profiles()[meter.quality_profile]


def _start(period: Period) -> int:
    return period.start
