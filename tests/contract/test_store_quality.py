"""Power quality in both databases: what is stored says what the 10-minute values say, and late readings change it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from stores import START, Box

from collector.config.settings import MeterSettings, Settings
from collector.insight.quality.calculations import profile_of
from collector.insight.quality.rows import figures_of, interval_of, use_of, verdicts_of
from collector.model.calendar import local_day, local_month, local_week
from collector.model.reading import Reading
from collector.service.insight import Run
from collector.store.factory import open_insights

METER = "turbine"
DAY = 86_400_000
NAMES = ("voltage_l1_n", "voltage_l2_n", "voltage_l3_n", "frequency", "active_power_total", "reactive_power_total")


class Site:
    """A store with one meter that is read every half minute."""

    def __init__(self, box: Box) -> None:
        self.now = box.now = START + 3 * DAY
        box.migrate({METER: NAMES})
        self.box = box
        self.writer = box.writer()
        self.store = open_insights(box.settings, box.site)
        self.meter = MeterSettings(METER, "m", "l", nominal_voltage=230.0, nominal_frequency=50.0)
        self.settings = Settings(Path("x.toml"), site=box.site, store=box.settings, meters=(self.meter,))
        self.run()

    def read(self, start: int, minutes: int, volts: float, hertz: float = 50.0) -> None:
        values = dict(zip(NAMES, (volts, volts, volts, hertz, 900.0, 300.0), strict=True))
        readings = [Reading(METER, start + number * 30_000, values) for number in range(minutes * 2)]
        self.writer.commit(readings)
        while self.writer.roll_up(10_000):
            pass

    def run(self) -> None:
        assert Run(self.settings, self.store, float("inf"), lambda: self.now).all() == 0

    def rows(self, table: str, span: tuple[int, int]) -> list[dict[str, object]]:
        return [dict(row) for row in self.store.results(table, METER, *span)]


@pytest.fixture
def site(box: Box) -> Iterator[Site]:
    made = Site(box)
    with closing(made.store):
        yield made


def _verdicts(site: Site, table: str, span: tuple[int, int]) -> dict[tuple[str, float], object]:
    found = verdicts_of(site.rows(table, span), profile_of(site.meter))
    return {(verdict.figure, verdict.limit.share): verdict for verdict in found}


@pytest.mark.slow
def test_a_day_a_week_and_a_month_are_judged_and_late_readings_change_them(site: Site) -> None:
    day = local_day(START, site.box.site.zone)
    site.read(day[0], 600, 230.0)
    site.read(day[0] + 600 * 60_000, 120, 260.0, hertz=51.0)
    site.run()
    intervals = [interval_of(row) for row in site.rows("quality_10m", day)]
    assert len(intervals) == 72
    assert intervals[0].values["voltage_l1_n"] == pytest.approx(230.0)
    assert intervals[0].high["frequency"] == pytest.approx(50.0)
    spans = {"quality_day": day, "quality_week": local_week(START, site.box.site.zone)}
    spans["quality_month"] = local_month(START, site.box.site.zone)
    for table, span in spans.items():
        verdict = _verdicts(site, table, span)["voltage_l1", 0.95]
        assert (verdict.measured, verdict.inside) == (72, 60)
        assert verdict.worst[0][1] == pytest.approx(100 * 30 / 230, abs=1e-3)
        assert verdict.limit.source
    assert _verdicts(site, "quality_day", day)["voltage_l1", 0.95].good is False
    site.read(day[0] + 720 * 60_000, 720, 230.0)
    site.run()
    verdict = _verdicts(site, "quality_day", day)["voltage_l1", 0.95]
    assert (verdict.measured, verdict.inside, verdict.missing) == (144, 132, 0)
    figures = {figure.name: figure for figure in figures_of(site.rows("quality_day", day))}
    assert figures["frequency"].mean == pytest.approx(100 * (12 / 144) / 50, abs=1e-4)
    assert figures["voltage_unbalance"].method == "largest deviation from the mean"
    assert use_of(site.rows("quality_day", day)).power_factor == pytest.approx(900 / (900**2 + 300**2) ** 0.5)


def test_disturbances_are_kept(site: Site) -> None:
    day = local_day(START, site.box.site.zone)
    site.read(day[0], 10, 230.0)
    site.read(day[0] + 600_000, 3, 100.0)
    site.read(day[0] + 780_000, 10, 230.0)
    site.run()
    (dip,) = site.rows("disturbance", day)
    assert (dip["kind"], dip["time"], dip["until"]) == ("dip", day[0] + 600_000, day[0] + 780_000)
    assert dip["phases"] == "l1 l2 l3"
    assert dip["extreme"] == pytest.approx(100 / 230)


def test_what_retention_takes_away_stays_judged(site: Site) -> None:
    day = local_day(START, site.box.site.zone)
    site.read(day[0], 60, 230.0)
    site.run()
    before = site.rows("quality_10m", day)
    maintainer = site.box.maintainer()
    maintainer.retain(START + 1000 * DAY, 1, 1)
    site.store.mark("quality_10m", [METER], [day[0]])
    site.run()
    assert site.rows("quality_10m", day) == before


@pytest.mark.mariadb
def test_the_mysql_prompt_says_the_same(mariadb_box: Box) -> None:
    site = Site(mariadb_box)
    with closing(site.store):
        day = local_day(START, mariadb_box.site.zone)
        site.read(day[0], 100, 230.0)
        site.read(day[0] + 6_000_000, 20, 100.0)
        site.run()
        view = f"{mariadb_box.settings.database}.quality_by_day"
        found = mariadb_box.server_sql(
            f"SELECT day, inside_percent, measured, missing FROM {view} WHERE figure = 'voltage_l1' AND low = -10"
        ).split()
        assert found[0] == "2026-03-02"
        assert float(found[1]) == pytest.approx(100 * 10 / 12)
        assert found[2:] == ["12", "132"]
        dips = mariadb_box.server_sql(f"SELECT kind, seconds FROM {mariadb_box.settings.database}.disturbances").split()
        assert dips == ["dip", "1200"]
