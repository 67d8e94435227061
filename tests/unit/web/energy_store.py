"""Makes up stored quarters of a house by the year, has them computed, and opens the page over them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path

from flask.testing import FlaskClient
from household import Household

from collector.config.settings import MeterSettings, Settings, SiteSettings, StoreSettings
from collector.config.tariffs import Written, tariffs
from collector.model import calendar
from collector.model.calendar import QUARTER
from collector.service.insight import Run
from collector.store.factory import open_accounts, open_alert_desk, open_insights, open_maintainer, open_reader
from collector.store.sqlite import SqliteDatabase
from collector.web.app import create_app
from collector.web.site import Stores

TIMEZONE = "Europe/Amsterdam"
DUTCH = {
    "name": "dual <b>tariff</b>", "valid_from": date(2020, 1, 1), "currency": "EUR", "holidays": ["nl"],
    "band": [
        {"name": "normal", "price": 0.3011, "feed_in": 0.11,
         "when": {"days": ["workday"], "from": "07:00", "to": "23:00"}},
        {"name": "low", "price": 0.2534, "feed_in": 0.11},
    ],
    "fixed": [{"name": "network", "price": 1.05, "per": "day"}],
    "tax": [{"name": "BTW", "percent": 21}],
}  # fmt: skip


def with_tariff(folder: Path, names: Sequence[str], **data: object) -> Settings:
    made, mistakes = tariffs([Written(folder / "x.toml", "tariff[0]", data)], names)
    assert not mistakes, mistakes
    return Settings(
        folder / "x.toml",
        site=SiteSettings("House", TIMEZONE),
        store=StoreSettings(kind="sqlite", path=folder / "x.sqlite"),
        meters=tuple(MeterSettings(name, "siemens-pac3100", "l") for name in names),
        tariffs=made,
    )


def store_quarters(settings: Settings, first: date, last: date, missing: Sequence[date] = ()) -> int:
    """Quarters of every meter, by the hour of the day; the moment after the last one."""
    zone = settings.site.zone
    start, end = calendar.midnight(first, zone), calendar.midnight(last, zone)
    gone = {calendar.midnight(day, zone) for day in missing}
    counters = ["active_energy_import", "active_energy_export"]
    with closing(open_maintainer(settings.store, settings.site)) as maintainer:
        maintainer.migrate({meter.name: counters for meter in settings.meters}, end)
    assert settings.store.path is not None
    with closing(SqliteDatabase(settings.store.path, mode="rw")) as database:
        ids = [number for (number,) in database.select("SELECT id FROM meter ORDER BY id")]
        sql = ("INSERT INTO reading_15m (meter_id, time, flags, active_energy_import_increase,"
               " active_energy_export_increase) VALUES (?, ?, 0, ?, ?)")  # fmt: skip
        database.transaction(lambda: [database.bulk(sql, _rows(number, start, end, gone)) for number in ids])
        days = [(number, begin) for number in ids for _, begin, _ in calendar.days(start, end, zone)]
        database.transaction(
            lambda: database.bulk("INSERT INTO reading_1d (meter_id, time, flags) VALUES (?, ?, 0)", days)
        )
        latest = [(number, counter, end, 1.0, start) for number in ids for counter in counters]
        database.transaction(lambda: database.bulk(database.newer_latest(), latest))
    return end


def _rows(number: int, start: int, end: int, gone: set[int]) -> list[tuple[int, int, float, float]]:
    return [
        (number, at, 100.0 + 10 * (at // QUARTER % 7) + number, 50.0 if at // QUARTER % 96 in range(44, 56) else 0.0)
        for at in range(start, end, QUARTER)
        if not any(day <= at < day + 86_400_000 for day in gone)
    ]


def compute(settings: Settings, now: int) -> None:
    with closing(open_insights(settings.store, settings.site)) as store:
        assert Run(settings, store, float("inf"), lambda: now).all() == 0


def client(settings: Settings, folder: Path) -> FlaskClient:
    other = folder / "other"
    other.mkdir()
    stores = Stores(
        partial(open_reader, settings.store, settings.site),
        partial(open_accounts, settings.store),
        partial(open_alert_desk, settings.store),
    )
    return create_app(settings, stores, folder / "run", Household(other).doctor).test_client()
