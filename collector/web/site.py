"""Holds what every request needs: settings, store, newest values, sums and static files of one running page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

from flask import current_app

from collector.config.places import state_directory
from collector.config.settings import Settings
from collector.errors import UsageError
from collector.model.account_store import AccountStore
from collector.model.alert import AlertDesk
from collector.model.finding import Doctor, Finding
from collector.model.ports import StoreReader
from collector.model.series import Resolution, Series
from collector.pipeline.spool import read_live
from collector.web.access import StoreAccess
from collector.web.assets import Assets
from collector.web.energy import Sums, parts, sums
from collector.web.forecast_view import told_between
from collector.web.live import Live, Snapshot
from collector.web.login.doorkeeper import Doorkeeper
from collector.web.meters import Expected, expected
from collector.web.question import Question
from collector.web.remembered import Remembered
from collector.web.rounds import Rounds
from collector.web.spark import LastHour
from collector.web.tail import carried_on
from collector.web.verdict import Verdict, ordered, verdict

EXTENSION = "phaselog"

#: What needs the store's rollups is asked again after this time, s: the store learns of new readings once per commit.
KEPT = 15.0
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Now:
    """A snapshot with its judgement; the gravest finding comes first."""

    snapshot: Snapshot
    findings: Sequence[Finding]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Stores:
    """How the page opens what it needs: the store, to read; its own tables there, to change."""

    reader: Callable[[], StoreReader]
    accounts: Callable[[], AccountStore]
    alerts: Callable[[], AlertDesk]


class Site:
    """Put together once by `create_app`; nothing is opened before the first request."""

    def __init__(self, settings: Settings, stores: Stores, runtime: Path, doctor: Doctor) -> None:
        self.settings = settings
        self.zone = settings.site.zone
        self.access = StoreAccess(stores.reader)
        self.doorkeeper = Doorkeeper(StoreAccess(stores.accounts))
        self.alerts = StoreAccess(stores.alerts)
        self.live = Live(runtime, self.access, read_live)
        self._sums: Remembered[list[Sums]] = Remembered(KEPT)
        self._hour: Remembered[LastHour] = Remembered(KEPT)
        self.assets = Assets()
        self._doctor = doctor
        self._rounds = Rounds(doctor.examine)

    @cached_property
    def meters(self) -> Mapping[str, Expected]:
        """Every configured meter by name, in the order of the file."""
        return {meter.name: expected(meter) for meter in self.settings.meters}

    @property
    def place(self) -> Path:
        """Where the disk fills up: beside the SQLite file, or where readings wait."""
        return self.settings.store.path or state_directory(self.settings.path)

    def meter(self, name: str | None) -> Expected:
        """The meter of this name, the first one for None; UsageError if there is none."""
        found = next(iter(self.meters.values()), None) if name is None else self.meters.get(name)
        if found is None:
            known = ", ".join(list(self.meters)[:10]) or "none is configured"
            raise UsageError(f"meter: there is no meter {(name or '')[:40]!r}", f"known meters: {known}")
        return found

    def sums(self, meter: Expected, now: int) -> list[Sums]:
        """Energy of the meter today, yesterday and this month; raises StoreError."""
        summed = parts(meter.quantities)
        if not summed:
            return []
        return self._sums.get(
            meter.name, lambda: self.access.ask(lambda store: sums(store, meter.name, summed, now, self.zone))
        )

    def last_hour(self, meter: Expected, quantity: str, now: int) -> LastHour:
        """The minutes of the last hour, and what was expected of it; raises StoreError."""

        def ask(store: StoreReader) -> LastHour:
            minutes = store.series(meter.name, [quantity], now - HOUR_MS, now, Resolution.MINUTE)
            return LastHour(minutes, told_between(store, meter.name, now - 2 * HOUR_MS, now, quantity))

        return self._hour.get(f"{meter.name} {quantity}", lambda: self.access.ask(ask))

    def series(self, asked: Question, now: int) -> Series:
        """What the store has, carried on to this moment; raises StoreError."""
        name, names, span = asked.meter.name, asked.quantities, asked.span

        def ask(store: StoreReader) -> Series:
            found = store.series(name, names, span.start, span.end, asked.resolution)
            return carried_on(store, found, asked, now, self.zone)

        return self.access.ask(ask)

    def now(self) -> Now:
        """What is true now, and whether it is well."""
        snapshot = self.live.snapshot()
        found = ordered(self._doctor.judge(snapshot.status, snapshot.problem), self._rounds.found())
        newest = max((at for name in self.meters if (at := snapshot.newest(name))), default=None)
        return Now(snapshot, found, verdict(self.settings, found, newest))


def site() -> Site:
    """The site of the current request."""
    return cast(Site, current_app.extensions[EXTENSION])
