"""The job forecasts what is stored and notices what is not as usual, the same in both databases."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from stores import START, Box

from collector.config.settings import ForecastSettings, MeterSettings, Settings
from collector.insight.anomaly.calculation import Anomalies
from collector.insight.anomaly.told import told
from collector.insight.forecast.calculation import Forecasts
from collector.insight.forecast.seasons import HOUR
from collector.model.insight import Computed, InsightStore
from collector.model.quantity import QUANTITIES
from collector.model.reading import Reading
from collector.store.factory import open_insights

METER = "house"
POWER, ENERGY = "active_power_total", "active_energy_import"
FAR = 1 << 42


class Site:
    """A store with one meter, and the calculations."""

    def __init__(self, box: Box) -> None:
        box.now = START + 90 * 24 * HOUR
        box.migrate({METER: [POWER, ENERGY, "frequency"]})
        self.box, self.writer = box, box.writer()
        self.store: InsightStore = open_insights(box.settings, box.site)
        self.settings = Settings(
            Path("x.toml"), site=box.site, store=box.settings, meters=(MeterSettings(METER, "m", "l"),)
        )

    def read(self, hours: int, more: float = 0.0, since: int = 0) -> None:
        """A reading an hour: power with a day, energy that counts it, a frequency; `more` W from hour `since` on."""
        source, energy, readings = random.Random(3), 0.0, []
        for hour in range(hours):
            power = 500 + 300 * math.sin(hour * math.tau / 24) + source.gauss(0, 30) + (more if hour >= since else 0)
            energy += power
            values = {POWER: power, ENERGY: energy, "frequency": 50 + source.gauss(0, 0.01)}
            readings.append(Reading(METER, START + hour * HOUR, values))
        self.writer.commit(readings)
        while self.writer.roll_up(10_000):
            pass

    def run(self, hour: int, settings: ForecastSettings | None = None) -> None:
        now = START + hour * HOUR + 600_000
        zone = self.box.site.zone
        results = list(Forecasts(zone, settings or ForecastSettings()).refresh(self.store, METER, now))
        self.store.save([Computed("forecast", (), results)])
        self.look(hour)

    def look(self, hour: int) -> None:
        """For what is not as usual."""
        results = list(Anomalies(self.box.site.zone).refresh(self.store, METER, START + hour * HOUR + 600_000))
        self.store.save([Computed("anomaly", (), results)])

    def rows(self, table: str) -> list[dict[str, object]]:
        return [dict(row) for row in self.store.results(table, METER, 0, FAR)]


@pytest.fixture
def site(box: Box) -> Iterator[Site]:
    made = Site(box)
    with closing(made.store):
        yield made


def test_under_a_day_there_is_no_forecast(site: Site) -> None:
    site.read(20)
    site.run(20)
    assert site.rows("forecast_hour") == []


@pytest.mark.slow
def test_the_next_days_are_expected_and_energy_to_the_end_of_the_month(site: Site) -> None:
    site.read(72)
    site.run(72)
    rows = site.rows("forecast_hour")
    power = [row for row in rows if row["quantity"] == POWER]
    assert [row["time"] for row in power] == [START + (72 + hour) * HOUR for hour in range(60)]
    for hour, row in enumerate(power):
        assert row["value"] == pytest.approx(500 + 300 * math.sin(hour * math.tau / 24), abs=60)
        assert row["low"] <= row["value"] <= row["high"]
    assert sum(row["quantity"] == ENERGY for row in rows) > 300
    assert {row["season"] for row in site.rows("forecast_model")} == {"day"}
    # What was expected stays; what is to come is made anew, six hours later.
    site.run(73)
    assert site.rows("forecast_hour") == rows
    site.run(79)
    again = [row for row in site.rows("forecast_hour") if row["quantity"] == POWER]
    assert len(again) == 67
    assert {row["made"] for row in again} == {START + 72 * HOUR, START + 79 * HOUR}


def test_parameters_may_be_set(site: Site) -> None:
    site.read(72)
    site.run(72, ForecastSettings(level=0.0, day=0.0, memory=0.0))
    rows = [row for row in site.rows("forecast_hour") if row["quantity"] == POWER]
    assert rows[0]["value"] == pytest.approx(rows[24]["value"])


@pytest.mark.slow
def test_a_base_load_that_rises_is_an_anomaly_with_its_energy(site: Site) -> None:
    hours, since = 40 * 24, 37 * 24
    site.read(hours, 120.0, since)
    site.run(hours)
    found = [row for row in site.rows("anomaly") if row["quantity"] == POWER]
    assert len(found) == 1
    (row,) = found
    assert row["kind"] in {"step", "base"}
    assert row["lasting"] == 1
    assert abs(row["time"] - (START + since * HOUR)) <= 24 * HOUR
    assert row["difference"] == pytest.approx(120, abs=30)
    assert row["kwh"] == pytest.approx(120 * 72 / 1000, rel=0.4)
    assert not [row for row in site.rows("anomaly") if row["quantity"] == "frequency"]
    judged = {each.subject: each for each in told(site.store, METER, START + hours * HOUR, site.box.site.zone)}
    assert judged[POWER].bad
    assert "kWh so far" in judged[POWER].text


@pytest.mark.slow
def test_what_stands_still_for_months_is_one_anomaly_until_it_moves(site: Site) -> None:
    source, still, moving = random.Random(4), 60 * 24, 125 * 24
    hours = [55.0 if still <= hour < moving else 50 + source.gauss(0, 0.01) for hour in range(145 * 24)]
    site.writer.commit([Reading(METER, START + hour * HOUR, {"frequency": value}) for hour, value in enumerate(hours)])
    while site.writer.roll_up(10_000):
        pass
    for day in (64, 84, 119, 124):
        site.look(day * 24)
        found = [(row["kind"], row["time"], row["lasting"]) for row in site.rows("anomaly")]
        assert found == [("stuck", START + still * HOUR, 1)], day
    site.look(144 * 24)
    assert [row["lasting"] for row in site.rows("anomaly") if row["kind"] == "stuck"] == [0]


@pytest.mark.slow
@pytest.mark.mariadb
def test_the_views_tell_what_the_tables_tell(mariadb_box: Box) -> None:
    with closing((site := Site(mariadb_box)).store):
        site.read(24 * 60, more=150.0, since=24 * 50)
        for day in range(50, 61, 2):
            site.run(24 * day)
        name = mariadb_box.settings.database
        told = mariadb_box.server_sql(
            f"SELECT COUNT(*), ROUND(SUM(value), 3) FROM {name}.forecasts WHERE unit = 'W'"
        ).split()
        rows = site.rows("forecast_hour")
        hours = [value for row in rows if row["quantity"] == POWER and isinstance(value := row["value"], float)]
        assert (int(told[0]), float(told[1])) == (len(hours), pytest.approx(sum(hours), abs=0.001))
        seen = mariadb_box.server_sql(f"SELECT meter, quantity, kind, unit FROM {name}.anomalies").split()
        told_of = [
            (METER, row["quantity"], row["kind"], QUANTITIES[str(row["quantity"])].unit) for row in site.rows("anomaly")
        ]
        assert told_of
        assert sorted(zip(*[iter(seen)] * 4, strict=True)) == sorted(told_of)
