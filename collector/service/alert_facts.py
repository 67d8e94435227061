"""Gathers what alert rules look at: the collector's status, the newest values, events, what doctor and job found."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from collector.config.settings import Settings
from collector.errors import StoreError
from collector.insight.alerts.facts import Facts, Judged, Newest
from collector.insight.alerts.rule import Rule
from collector.insight.anomaly.told import told
from collector.insight.quality.assess import Verdict
from collector.insight.quality.calculations import PERIODS, profile_of
from collector.insight.quality.profile import Profile
from collector.insight.quality.rows import verdicts_of
from collector.model import calendar
from collector.model.event import Event
from collector.model.finding import Doctor, Finding
from collector.model.ports import StoreReader
from collector.model.series import Resolution
from collector.model.status import STATUS_FILE, CollectorStatus
from collector.pipeline.spool import read_live

log = logging.getLogger(__name__)

#: The running collector rewrites its status every second; older than this (s) means that it does not run.
FRESH = 60.0
#: The doctor's round takes some hundred ms; quality changes with the job: both are looked at this often, s.
ROUND_EVERY = 300.0
_MOST_EVENTS = 200


class FactFinder:
    """Looks at everything; a store that is down leaves unknown what only it knows."""

    def __init__(
        self, settings: Settings, runtime: Path, open_reader: Callable[[], StoreReader], doctor: Doctor
    ) -> None:
        self._settings = settings
        self._runtime = runtime
        self._open_reader = open_reader
        self._doctor = doctor
        self._reader: StoreReader | None = None
        self._round_at = float("-inf")
        self._findings: Sequence[Finding] = ()
        self._quality: Sequence[Judged] | None = None
        self._anomalies: Sequence[Judged] | None = None

    def facts(self, rules: Sequence[Rule], since: int) -> Facts:
        """Everything as it is now. `since`: UTC ms of the newest event that was looked at before."""
        status = self._status()
        now = int(time.time() * 1000 + ((status.clock.offset_ms if status else None) or 0.0))
        values = self._newest()
        problem: StoreError | None = None
        events: Sequence[Event] = ()
        changes: Mapping[tuple[str, str, float], float] = {}
        try:
            reader = self._opened()
            for latest in reader.latest():
                key = latest.meter, latest.quantity
                if key not in values or values[key].time < latest.time:
                    values[key] = Newest(latest.time, latest.value)
            events = [event for event in reader.events(_MOST_EVENTS) if event.time > since]
            changes = self._changes(reader, rules, values, now)
            self._round(reader, now)
        except StoreError as error:
            problem = error
            self.close()
        findings = [*self._doctor.judge(status, problem), *self._findings]
        return Facts(now, status, values, events, findings, self._quality, self._anomalies, changes)

    def close(self) -> None:
        """Lets go of the store."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _opened(self) -> StoreReader:
        if self._reader is None:
            self._reader = self._open_reader()
        return self._reader

    def _status(self) -> CollectorStatus | None:
        path = self._runtime / STATUS_FILE
        try:
            if time.time() - path.stat().st_mtime > FRESH:
                return None
            return CollectorStatus.from_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _newest(self) -> dict[tuple[str, str], Newest]:
        """What the batch in hand says; readings whose time of day is not known are left out."""
        found: dict[tuple[str, str], Newest] = {}
        for reading in read_live(self._runtime):
            if reading.boot is None:
                for name, value in reading.values.items():
                    found[reading.meter, name] = Newest(reading.time, value)
        return found

    def _round(self, reader: StoreReader, now: int) -> None:
        """What is looked at seldom."""
        if time.monotonic() - self._round_at < ROUND_EVERY:
            return
        self._round_at = time.monotonic()
        self._findings = self._doctor.examine()
        self._quality = [each for meter in self._settings.meters for each in self._judged(reader, meter.name, now)]
        zone = self._settings.site.zone
        self._anomalies = [each for meter in self._settings.meters for each in told(reader, meter.name, now, zone)]

    def _judged(self, reader: StoreReader, meter: str, now: int) -> list[Judged]:
        """The verdicts of the period that the meter's profile judges, as far as it has gone."""
        mine = next(each for each in self._settings.meters if each.name == meter)
        profile, zone = profile_of(mine), self._settings.site.zone
        cut = {"day": calendar.local_day, "week": calendar.local_week, "month": calendar.local_month}[profile.period]
        rows = reader.results(PERIODS[profile.period], meter, *cut(now, zone))
        known = [verdict for verdict in verdicts_of(rows, profile) if verdict.good is not None]
        return [_told(meter, profile, verdict) for verdict in known]

    def _changes(
        self, reader: StoreReader, rules: Sequence[Rule], values: Mapping[tuple[str, str], Newest], now: int
    ) -> Mapping[tuple[str, str, float], float]:
        found = {}
        for rule in rules:
            for meter in rule.meters if rule.kind == "rate" else ():
                newest = values.get((meter, rule.quantity))
                before = self._before(reader, meter, rule, now)
                if newest is not None and newest.value is not None and before is not None:
                    found[meter, rule.quantity, rule.per] = newest.value - before
        return found

    def _before(self, reader: StoreReader, meter: str, rule: Rule, now: int) -> float | None:
        """The value `per` ago: of the minute that then ended, or of one of the two before it."""
        end = now - int(rule.per * 1000)
        series = reader.series(meter, [rule.quantity], end - 180_000, end, Resolution.MINUTE)
        column = series.columns.get(rule.quantity)
        known = [value for value in column.value if value is not None] if column else []
        return known[-1] if known else None


def _told(meter: str, profile: Profile, verdict: Verdict) -> Judged:
    wanted = 100 * verdict.limit.share
    text = (
        f"{meter}: {verdict.figure}: {100 * (verdict.rate or 0):.1f} % of this {profile.period}"
        f" within the limits of {profile.title}, {wanted:g} % are wanted"
    )
    return Judged(meter, f"{verdict.figure} {verdict.limit.share:g}", not verdict.good, text)
