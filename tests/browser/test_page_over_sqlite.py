"""The pages over the real SQLite store, filled by the real writer."""

import time
from functools import partial

import pytest
from household import make_settings, plant, write_status

from collector.doctor.page_doctor import PageDoctor
from collector.model.reading import Reading
from collector.store.factory import open_accounts, open_alert_desk, open_maintainer, open_reader, open_writer
from collector.web.app import create_app
from collector.web.site import Stores

pytestmark = pytest.mark.slow

DAYS, DAY_MS, STEP_MS = 45, 86_400_000, 300_000


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Settings of a store with 45 days of readings, one every five minutes up to now."""
    folder = tmp_path_factory.mktemp("sqlite")
    settings = make_settings(folder, every=300.0)
    now = int(time.time() * 1000)
    open_maintainer(settings.store, settings.site).migrate({"turbine": list(plant(now))}, now)
    writer = open_writer(settings.store, settings.site)
    for day in range(DAYS):
        start = now - (DAYS - day) * DAY_MS
        moments = range(start, start + DAY_MS, STEP_MS)
        writer.commit([Reading("turbine", at, plant(at)) for at in moments], catching_up=True)
    while writer.roll_up(5000):
        pass
    writer.close()
    (folder / "run").mkdir()
    write_status(folder / "run", settings, now)
    return settings, folder / "run", now


def stores(settings):
    return Stores(
        partial(open_reader, settings.store, settings.site),
        partial(open_accounts, settings.store),
        partial(open_alert_desk, settings.store),
    )


@pytest.fixture
def client(filled):
    settings, runtime, _ = filled
    return create_app(settings, stores(settings), runtime, PageDoctor(settings)).test_client()


def test_store_that_does_not_exist_yet_is_told_with_the_way_out(tmp_path):
    settings = make_settings(tmp_path)
    app = create_app(settings, stores(settings), tmp_path, PageDoctor(settings))
    page = app.test_client().get("/health").get_data(as_text=True)
    assert '<span class="subject">store</span>' in page
    assert not settings.store.path.exists(), "looking made a store"


def test_energy_of_yesterday_is_what_the_counter_gained(client):
    page = client.get("/").get_data(as_text=True)
    # The made-up plant gains 4.5 kWh every hour.
    assert '<span class="i">108</span><span class="f">.0' in page


def test_days_of_energy_go_on_to_this_moment(client, filled):
    _, _, now = filled
    query = f"quantity=active_energy_import&resolution=1d&from={now - 5 * DAY_MS}&to={now}"
    *days, today = client.get(f"/api/series?{query}").get_json()["quantities"][0]["increase"]
    assert days == pytest.approx([108_000.0] * len(days), rel=0.01)
    assert 0 <= today <= 108_001


def test_a_year_of_history_is_shown(client, filled):
    _, _, now = filled
    names = "&".join(f"quantity=active_power_{part}" for part in ("total", "l1", "l2", "l3"))
    paths = ["/history?range=year", f"/api/series?{names}&from={now - 365 * DAY_MS}&to={now}"]
    assert all(client.get(path).status_code == 200 for path in paths)


def test_export_holds_every_reading(client, filled):
    _, _, now = filled
    query = f"quantity=active_power_total&resolution=raw&from={now - 30 * DAY_MS}&to={now}"
    lines = client.get(f"/api/export.csv?{query}").get_data(as_text=True).splitlines()
    assert len(lines) == 1 + 30 * DAY_MS // STEP_MS
