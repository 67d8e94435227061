"""Makes up a village plant, the same each time: a store of its values, a collector that runs, a page over both."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask
from flask.testing import FlaskClient

from collector.config.settings import LineSettings, MeterSettings, Settings, SiteSettings, StoreSettings
from collector.doctor.judge import judge
from collector.errors import StoreDown, StoreError
from collector.model.account_store import AccountStore
from collector.model.alert import AlertDesk
from collector.model.event import Event
from collector.model.finding import Finding, fine
from collector.model.insight import ResultRow
from collector.model.quantity import QUANTITIES
from collector.model.reading import Flag, Reading
from collector.model.series import Column, Latest, Resolution, Series, StoreStatus
from collector.model.status import (
    STATUS_FILE,
    ClockStatus,
    CollectorStatus,
    LineStatus,
    MeterStatus,
    SpoolStatus,
    WriterStatus,
)
from collector.store.factory import open_accounts, open_alert_desk, open_maintainer
from collector.web.app import create_app
from collector.web.site import Stores

ZONE = ZoneInfo("America/Cuiaba")
PHASES = ("l1", "l2", "l3")


def plant(moment: int) -> dict[str, float]:
    """Every quantity of the made-up plant at a moment (UTC ms)."""
    hour = moment / 3_600_000
    values: dict[str, float] = {"frequency": 59.98 + 0.05 * math.sin(hour * 7)}
    for index, phase in enumerate(PHASES):
        volts = 219.5 + 2.5 * math.sin(hour / 3 + index)
        watts = 1500 + 900 * math.sin(hour * math.pi / 12 + index) + 150 * math.sin(hour * 11 + index)
        factor = 0.93 + 0.03 * math.sin(hour + index)
        values |= {
            f"voltage_{phase}_n": volts,
            f"current_{phase}": watts / factor / volts,
            f"active_power_{phase}": watts,
            f"apparent_power_{phase}": watts / factor,
        }
    values["active_power_total"] = sum(values[f"active_power_{phase}"] for phase in PHASES)
    values["active_energy_import"] = moment / 3_600_000 * 4500
    return values


class MadeUpStore:
    """A StoreReader over `plant`: minutes from `first` to `last`, with a gap of ten minutes an hour before `last`."""

    def __init__(self, meters: Sequence[str], first: int, last: int) -> None:
        self.meters = meters
        self.first = first
        self.last = last
        #: Moments (UTC ms) of which the time of day was not known.
        self.estimated: Sequence[int] = ()
        self.down = False
        self.closed = False
        #: Result table -> rows, whatever the meter.
        self.computed: dict[str, list[ResultRow]] = {}
        self.asked: list[str] = []

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.down:
            raise StoreDown("the database does not answer", "start it")

    def latest(self) -> Sequence[Latest]:
        self._ask("latest")
        return [Latest(m, q, self.last, v) for m in self.meters for q, v in plant(self.last).items()]

    def _times(self, start: int, end: int, resolution: Resolution) -> list[int]:
        begin, end = max(start, self.first), min(end, self.last)
        if resolution is Resolution.DAY:
            day = datetime.fromtimestamp(start / 1000, ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
            days = []
            while day.timestamp() * 1000 < end:
                days.append(round(day.timestamp() * 1000))
                day += timedelta(days=1)
            return [at for at in days if at >= begin]
        step = (resolution.seconds or 1) * 1000
        times = range(-(-begin // step) * step, end, step)
        gap = range(self.last - 4_200_000, self.last - 3_600_000)
        return [at for at in times if at not in gap]

    def series(self, meter: str, quantities: Sequence[str], start: int, end: int, resolution: Resolution) -> Series:
        self._ask("series")
        times = self._times(start, end, resolution)
        rows = [plant(at) for at in times]
        columns = {q: self._column(q, rows, resolution) for q in quantities if rows and q in rows[0]}
        reach = (resolution.seconds or 1) * 1000
        flags = [int(Flag.TIME_ESTIMATED) * any(t <= e < t + reach for e in self.estimated) for t in times]
        return Series(meter, resolution, times, columns, flags)

    @staticmethod
    def _column(name: str, rows: list[dict[str, float]], resolution: Resolution) -> Column:
        values = [row[name] for row in rows]
        if resolution is Resolution.RAW:
            return Column(values)
        if QUANTITIES[name].counts:
            return Column(values, increase=[4500 * resolution.seconds / 3600] * len(rows))
        return Column(values, [v - abs(v) * 0.03 for v in values], [v + abs(v) * 0.04 for v in values])

    def rows(self, meter: str, quantities: Sequence[str], start: int, end: int) -> Iterator[Reading]:
        self._ask("rows")
        for at in self._times(start, end, Resolution.RAW):
            values = plant(at)
            yield Reading(meter, at, {q: values.get(q) for q in quantities})

    def events(self, limit: int = 100, before: int | None = None, *, page: bool = False) -> Sequence[Event]:
        self._ask("events")
        if page:
            return []
        found = [
            Event(self.last - 60_000, "counter_reset", "<b>Energy</b> was set to zero", next(iter(self.meters), None))
        ]
        return [event for event in found if before is None or event.time < before][:limit]

    def results(self, table: str, meter: str, start: int, end: int) -> Sequence[ResultRow]:
        self._ask("results")
        return [row for row in self.computed.get(table, ()) if start <= row["time"] < end]

    def status(self) -> StoreStatus:
        self._ask("status")
        return StoreStatus("sqlite", "3.40.1", 1_234_567, self.first, self.last, 456_000_000, 3)

    def close(self) -> None:
        self.closed = True


def make_settings(folder: Path, count: int = 1, **meter: object) -> Settings:
    names = ["turbine"] if count == 1 else [f"house {n:02d}" for n in range(1, count + 1)]
    meters = [
        MeterSettings(name, "siemens-pac3100", "rs485", unit=126 + i, nominal_voltage=220.0, **meter)  # type: ignore[arg-type]
        for i, name in enumerate(names)
    ]
    return Settings(
        folder / "phaselog.toml",
        SiteSettings("Chapada", "America/Cuiaba"),
        StoreSettings(path=folder / "phaselog.db"),
        lines=(LineSettings("rs485", "/dev/meter-rs485"),),
        meters=tuple(meters) if count else (),
    )


def write_status(
    runtime: Path, settings: Settings, now: int, states: dict[str, str] | None = None, **writer: object
) -> None:
    """What a running collector would write of itself."""
    meters = tuple(
        MeterStatus(
            m.name, "rs485", m.model, m.every, (states or {}).get(m.name, "ok"), now, readings=86_400, missed=2,
            errors={"no_answer": 3}, response_ms=(6.2, 11.9),
        )
        for m in settings.meters
    )  # fmt: skip
    line = LineStatus("rs485", "/dev/meter-rs485, 19200 8N2", True, 0.18, 123_456, {"no_answer": 3})
    status = CollectorStatus(
        now, now - 86_400_000, "0.1.0", 1234, settings.site.name, meters, (line,) if meters else (),
        SpoolStatus(in_hand=34), WriterStatus(last_commit=now - 30_000, committed=86_400, commit_ms=12.0, **writer),  # type: ignore[arg-type]
        ClockStatus(True, "ntp", 0.0, now - 86_000_000),
    )  # fmt: skip
    part = runtime / "status.part"
    part.write_text(status.to_json(), encoding="utf-8")
    part.replace(runtime / STATUS_FILE)


class HouseDoctor:
    """Judges as the real one does; what it sees elsewhere is up to the test."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.looks = 0
        self.sees: list[Finding] = [fine("software", "as tested")]

    def judge(self, status: CollectorStatus | None, problem: StoreError | None) -> Sequence[Finding]:
        return list(judge(self.settings, status, problem))

    def examine(self) -> Sequence[Finding]:
        self.looks += 1
        return list(self.sees)


class Household:
    """One running page with everything around it in reach."""

    def __init__(self, folder: Path, count: int = 1, **meter: object) -> None:
        self.now = int(time.time() * 1000)
        self.runtime = folder / "run"
        self.runtime.mkdir(exist_ok=True)
        self.settings = make_settings(folder, count, **meter)
        self.store = MadeUpStore([m.name for m in self.settings.meters], self.now - 40 * 86_400_000, self.now)
        self.opened = 0
        self.doctor = HouseDoctor(self.settings)
        stores = Stores(self._open, self._open_accounts, self._open_alerts)
        self.app: Flask = create_app(self.settings, stores, self.runtime, self.doctor)
        self.client: FlaskClient = self.app.test_client()

    def _open(self) -> MadeUpStore:
        self.opened += 1
        self.store._ask("open")
        return self.store

    def _open_accounts(self) -> AccountStore:
        """The page's own tables, real: in a SQLite file beside."""
        self.store._ask("open accounts")
        maintainer = open_maintainer(self.settings.store, self.settings.site)
        maintainer.migrate({}, self.now)
        maintainer.close()
        return open_accounts(self.settings.store)

    def _open_alerts(self) -> AlertDesk:
        """As real, in the same file."""
        self._open_accounts().close()
        return open_alert_desk(self.settings.store)

    def run(self, states: dict[str, str] | None = None, **writer: object) -> None:
        """The collector runs and says so."""
        write_status(self.runtime, self.settings, int(time.time() * 1000), states, **writer)
