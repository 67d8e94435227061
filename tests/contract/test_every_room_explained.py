"""Whatever page, figure or file is asked for over years of data, its rows are found by a key, in both databases."""

from __future__ import annotations

import re
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from explained import Asked, boundless, listening, slow
from stores import Box

from collector.config.settings import Settings
from collector.doctor.page_doctor import PageDoctor
from collector.store.database import Database
from collector.store.factory import open_accounts, open_alert_desk, open_reader
from collector.store.mariadb import MariaDatabase
from collector.store.sqlite import SqliteDatabase
from collector.web.app import create_app
from collector.web.site import Stores
from tests.contract.five_years import Size, build, log_in, settings_of
from tests.contract.rooms import DOORS, TOKEN_HASH, described_questions, logged_in, offered

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

#: Large enough that looking everything through would be seen in the plan, small enough to be made in a test.
SIZE = Size(years=2, raw_days=20, every=300, minute_days=20, others=28, events=5000)


@pytest.fixture
def settings(box: Box, tmp_path: Path) -> Settings:
    return settings_of(tmp_path, box.settings)


def page_of(settings: Settings, folder: Path):
    stores = Stores(
        partial(open_reader, settings.store, settings.site),
        partial(open_accounts, settings.store),
        partial(open_alert_desk, settings.store),
    )
    (folder / "run").mkdir(exist_ok=True)
    return logged_in(create_app(settings, stores, folder / "run", PageDoctor(settings)).test_client())


def opened(settings: Settings) -> Database:
    if settings.store.kind == "mariadb":
        return MariaDatabase(settings.store)
    assert settings.store.path is not None
    return SqliteDatabase(settings.store.path, mode="ro")


def test_every_room_and_endpoint_finds_its_rows_by_a_key(settings: Settings, tmp_path: Path) -> None:
    now = int(time.time() * 1000)
    build(settings, now, SIZE)
    log_in(settings, TOKEN_HASH, now)
    client = page_of(settings, tmp_path)
    with listening() as asked:
        addresses = [*offered(client, now, SIZE.years), *described_questions(now, SIZE.years)]
        answers = {address.url: client.get(address.url).status_code for address in addresses}
    # A page that is refused or broken asks nothing: what is too long to be answered is, the rest is not.
    refused = {url for url, status in answers.items() if status != 200}
    assert all(answers[url] == 400 and "from=" in url for url in refused - {"/healthz"}), refused
    assert {door for door in DOORS if door not in answers} == set()
    with closing(opened(settings)) as database:
        assert slow(database, asked) == {}
    assert boundless(asked) == []
    assert tables_of(asked) >= PAGED


#: What only years of data make long, and the page reads.
PAGED = {"reading", "reading_1m", "reading_15m", "reading_1h", "reading_1d", "event", "alert", "alert_test",
         "energy_day", "cost_day", "bill", "bill_line", "quality_day", "quality_week", "quality_month", "disturbance",
         "forecast_hour", "anomaly"}  # fmt: skip


def tables_of(asked: Asked) -> set[str]:
    return {table for sql in asked for table in re.findall(r"FROM (\w+)", sql)}
