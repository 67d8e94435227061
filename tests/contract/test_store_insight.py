"""What is computed from stored series is the same in both databases, is due when it changes, and is never lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from explained import listening, slow
from stores import START, Box

from collector.config.settings import MeterSettings, Settings
from collector.model.calendar import QUARTER, local_day
from collector.model.event import Event
from collector.model.insight import Computed, MarketPrice, PriceList, Replacement
from collector.model.reading import NO_FLAGS, Flag, Reading
from collector.model.tariff import Band, Fixed, Tariff, Tax, Tier, Window
from collector.service.insight import Run
from collector.store.factory import open_insights
from collector.store.result_tables import RESULT_TABLES

COUNTER = "active_energy_import"
METER = "house"
DAY = 86_400_000


class Site:
    """A store with one meter, and the job that computes."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.now = box.now = START + 40 * DAY
        box.migrate({METER: [COUNTER, "active_energy_export"]})
        self.writer = box.writer()
        self.store = open_insights(box.settings, box.site)
        self.settings = Settings(
            Path("x.toml"), site=box.site, store=box.settings, meters=(MeterSettings(METER, "m", "l"),)
        )

    def read(self, values: dict[int, float], flags: Flag = NO_FLAGS) -> None:
        """Readings of the counter: time -> Wh."""
        readings = [Reading(METER, at, {COUNTER: value}, flags) for at, value in values.items()]
        self.writer.commit(readings)
        while self.writer.roll_up(10_000):
            pass

    def run(self) -> int:
        return Run(self.settings, self.store, float("inf"), lambda: self.now).all()

    def days(self) -> list[dict[str, object]]:
        return [dict(row) for row in self.store.results("energy_day", METER, 0, 1 << 42)]

    def close(self) -> None:
        self.store.close()


@pytest.fixture
def site(box: Box) -> Iterator[Site]:
    with closing(Site(box)) as made:
        yield made


TARIFFS = (
    Tariff(
        "dual", date(2020, 1, 1), "EUR",
        (Band("low", Decimal("0.2"), windows=(Window(end=7 * 60),)), Band("high", Decimal("0.3"))),
        tiers=(Tier(Decimal("0.01"), Decimal(5)), Tier(Decimal("0.02"))),
        fixed=(Fixed("rent", Decimal("1.05"), "day"),), taxes=(Tax("VAT", Decimal(21)),),
    ),
)  # fmt: skip


def steady(start: int, hours: float, begin: float = 0.0, each: float = 100.0) -> dict[int, float]:
    """A reading at the beginning of each quarter, some Wh more every time."""
    return {start + n * QUARTER: begin + n * each for n in range(int(hours * 4) + 1)}


def test_a_day_adds_up(site: Site) -> None:
    site.run()
    site.read(steady(START, 24))
    assert site.run() == 0
    (day, *_) = site.days()
    assert day["time"] == START
    assert day["import_kwh"] == Decimal("9.5")  # 95 steps of 100 Wh; the last one belongs to the next day
    assert (day["quarters"], day["estimated"]) == (96, 0)
    assert day["peak_kw"] == Decimal("0.4")
    assert day["export_kwh"] is None


def test_nothing_is_due_twice_and_late_readings_are_due_again(site: Site) -> None:
    site.run()
    site.read(steady(START, 30))
    site.run()
    before = site.days()
    assert site.store.due("energy", 9) == []
    site.read({START + 100: 1.0})
    assert [due.time for due in site.store.due("energy", 9)] == [START]
    site.run()
    assert site.days() != before or site.days()[0]["import_kwh"] == Decimal("9.5")
    assert site.store.due("energy", 9) == []


def test_a_day_that_changes_while_it_is_computed_stays_due(site: Site) -> None:
    site.run()
    site.read(steady(START, 24))
    due = site.store.due("energy", 9)
    site.read({START + 50: 0.5})
    site.store.save([Computed("energy", due, [])])
    assert START in [each.time for each in site.store.due("energy", 9)]


def test_what_was_stored_before_the_calculation_was_known_is_due(site: Site) -> None:
    site.read(steady(START, 50))
    assert site.store.due("energy", 9) == []
    site.run()
    assert [day["time"] for day in site.days()] == [START, START + DAY, START + 2 * DAY]


def test_a_gap_is_spread_over_its_quarters_and_said_so(site: Site) -> None:
    site.run()
    site.read({START: 0, START + QUARTER: 100, START + 9 * QUARTER: 900 + 100})
    site.run()
    (day,) = site.days()
    assert day["import_kwh"] == Decimal("1")
    assert (day["quarters"], day["estimated"]) == (10, 8)
    assert day["peak_kw"] == Decimal("0.45")


def test_a_gap_over_days_fills_both_when_its_end_comes(site: Site) -> None:
    site.run()
    site.read(steady(START, 1))
    site.run()
    site.read({START + 3 * DAY: 10_000.0})
    site.run()
    days = site.days()
    assert [day["quarters"] for day in days] == [96, 96, 96, 1]
    assert sum(day["import_kwh"] for day in days) == Decimal("10")
    # Late data take their share out of the gap.
    site.read({START + DAY + n * QUARTER: 5000.0 for n in range(4)})
    site.run()
    assert sum(day["import_kwh"] for day in site.days()) == Decimal("10")
    assert Decimal("4.9") < site.days()[0]["import_kwh"] < Decimal("5")


def test_a_swap_leaves_the_gap_before_it_unknown(site: Site) -> None:
    site.run()
    site.read(steady(START, 1))
    site.read({START + 4 * 3_600_000: 5.0}, Flag.METER_SWAP)
    site.run()
    (day,) = site.days()
    assert (day["quarters"], day["estimated"]) == (6, 0)
    assert day["import_kwh"] == Decimal("0.4")


def test_another_time_zone_leaves_no_old_days(site: Site) -> None:
    site.read(steady(START, 100))
    site.run()
    zone = replace(site.box.site, timezone="America/Cuiaba")
    site.settings = replace(site.settings, site=zone)
    site.run()
    assert sum(day["import_kwh"] for day in site.days()) == Decimal("40")
    assert all(local_day(day["time"], zone.zone)[0] == day["time"] for day in site.days())


def test_results_come_back_as_they_went(site: Site) -> None:
    rows = [
        {"time": START, "tariff": "a", "kind": "energy", "label": "día 1", "quantity": Decimal("0.000001"),
         "amount": Decimal("-12345678.123456789012"), "currency": "EUR"},
        {"time": START, "tariff": "a", "kind": "tax", "label": "", "quantity": None, "amount": None,
         "currency": "EUR"},
    ]  # fmt: skip
    site.store.save([Computed("x", (), [Replacement("cost_day", METER, START, START + DAY, rows)])])
    assert list(site.store.results("cost_day", METER, START, START + 1)) == rows
    site.store.save([Computed("x", (), [Replacement("cost_day", METER, START, START + DAY, rows[:1])])])
    assert list(site.store.results("cost_day", METER, START, START + 1)) == rows[:1]


def test_prices_are_kept_and_only_news_is_told(site: Site) -> None:
    prices = [MarketPrice(START + n * 3_600_000, START + (n + 1) * 3_600_000, Decimal(n) / 100) for n in range(4)]
    assert site.store.keep_prices("spot", prices) == prices
    assert site.store.keep_prices("spot", prices) == []
    other = [replace(prices[1], price=Decimal("9.5"))]
    assert site.store.keep_prices("spot", other) == other
    found = site.store.prices("spot", START + 1, START + 3_600_001)
    assert [price.price for price in found] == [Decimal(0), Decimal("9.5")]


def test_how_it_stands_with_a_source_of_prices_is_kept_with_its_event(site: Site) -> None:
    assert site.store.price_list("spot") is None
    failing = PriceList("spot", START + 5, None, START, "the server says 404 Not Found")
    site.store.note_prices(failing, Event(START, "prices", "cannot be read"))
    assert site.store.price_list("spot") == failing
    well = PriceList("spot", START + 9, START + 9)
    site.store.note_prices(well, None)
    assert site.store.price_list("spot") == well
    assert [(event.kind, event.message) for event in site.box.reader().events()] == [("prices", "cannot be read")]


def test_bills_are_the_same_in_both_and_follow_another_price(site: Site) -> None:
    site.settings = replace(site.settings, tariffs=TARIFFS)
    site.read(steady(START, 60))
    assert site.run() == 0
    (bill,) = site.store.results("bill", METER, 0, 1 << 42)
    low, high = Decimal("8.3"), Decimal("15.7")  # the very first quarter counts nothing
    lines = [(row["kind"], row["amount"]) for row in site.store.results("bill_line", METER, 0, 1 << 42)]
    assert lines[:2] == [("energy", (low * Decimal("0.2")).quantize(Decimal("0.01"))), ("energy", Decimal("4.71"))]
    assert bill["import_kwh"] == low + high
    days = site.store.results("cost_day", METER, 0, 1 << 42)
    assert sum(row["quantity"] for row in days if row["kind"] == "energy") == bill["import_kwh"]
    site.settings = replace(site.settings, tariffs=(replace(TARIFFS[0], fixed=()),))
    assert site.run() == 0
    assert "fixed" not in {row["kind"] for row in site.store.results("cost_day", METER, 0, 1 << 42)}
    site.settings = replace(site.settings, tariffs=())
    assert site.run() == 0
    assert [*site.store.results("bill", METER, 0, 1 << 42), *site.store.results("cost_day", METER, 0, 1 << 42)] == []


@pytest.mark.mariadb
def test_the_views_tell_what_the_tables_tell(mariadb_box: Box) -> None:
    with closing(Site(mariadb_box.at("America/Cuiaba"))) as site:
        site.settings = replace(site.settings, tariffs=TARIFFS, site=mariadb_box.site)
        site.read(steady(START, 60))
        site.run()
        name = mariadb_box.settings.database
        (total,) = mariadb_box.server_sql(f"SELECT SUM(cost) FROM {name}.cost_by_day").split()
        assert Decimal(total) == sum(row["amount"] for row in site.store.results("cost_day", METER, 0, 1 << 42))
        (lines,) = mariadb_box.server_sql(f"SELECT SUM(amount) FROM {name}.bill_lines").split()
        (bill,) = mariadb_box.server_sql(f"SELECT SUM(total) FROM {name}.bills").split()
        assert Decimal(lines) == Decimal(bill)
        bands = mariadb_box.server_sql(f"SELECT band, SUM(import_kwh) FROM {name}.energy_by_band GROUP BY band").split()
        days = mariadb_box.server_sql(f"SELECT SUM(import_kwh) FROM {name}.energy_by_day").split()
        assert Decimal(bands[1]) + Decimal(bands[3]) >= Decimal(days[0])


def test_no_question_is_answered_without_an_index(site: Site) -> None:
    """Every statement of a run and of the page's questions finds its rows by a key, however many there are."""
    site.settings = replace(site.settings, tariffs=TARIFFS)
    site.read(steady(START, 60))
    with listening() as asked:
        site.run()
        site.store.due("energy", 5)
        site.store.prices("spot", START, START + DAY)
        for table in ("energy_day", "cost_day", "bill", "bill_line"):
            site.store.results(table, METER, START, START + DAY)
    found = slow(site.store._database, asked)
    # All days that there are, once when a calculation is new or other than it was.
    assert [sql for sql in found if "FROM reading_1d UNION" not in sql] == []


def test_a_run_commits_as_often_for_many_meters_as_for_one(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each commit is a sync to the card: once what stands alone, once what follows it, once what time changes."""
    meters = ("house", "barn", "pump", "mill")
    site.box.migrate({meter: [COUNTER] for meter in meters})
    site.settings = replace(
        site.settings, tariffs=TARIFFS, meters=tuple(MeterSettings(meter, "m", "l") for meter in meters)
    )
    site.run()
    site.now = START + DAY
    for meter in meters:
        site.writer.commit([Reading(meter, at, {COUNTER: value}) for at, value in steady(START, 10).items()])
    while site.writer.roll_up(10_000):
        pass
    kind = type(site.store._database)
    commits: list[str] = []
    execute = kind.execute

    def remember(self: object, sql: str, values: tuple[object, ...] = ()) -> int:
        commits.extend([sql] if sql == "COMMIT" else [])
        return execute(self, sql, values)

    monkeypatch.setattr(kind, "execute", remember)
    site.run()
    monkeypatch.undo()
    assert len(commits) <= 3
    for meter in meters:
        assert site.store.results("bill", meter, 0, 1 << 42), "what it stored"


@pytest.mark.mariadb
def test_the_job_needs_no_more_rights_than_it_is_given(mariadb_box: Box) -> None:
    with closing(Site(mariadb_box)) as site:
        site.read(steady(START, 30))
        name = mariadb_box.settings.database
        own = dict.fromkeys(["insight_calculation", "market_price", "price_list"], "INSERT, UPDATE")
        own["event"] = "INSERT"
        written = dict.fromkeys([*RESULT_TABLES, "insight_due"], "INSERT, UPDATE, DELETE")
        grants = [f"GRANT {rights} ON {name}.{table} TO insight@localhost" for table, rights in (own | written).items()]
        first = ("CREATE OR REPLACE USER insight@localhost", f"GRANT SELECT ON {name}.* TO insight@localhost")
        mariadb_box.server_sql("; ".join((*first, *grants)))
        site.settings = replace(site.settings, tariffs=TARIFFS)
        with closing(open_insights(replace(mariadb_box.settings, user="insight"), mariadb_box.site)) as store:
            assert Run(site.settings, store, float("inf"), lambda: site.now).all() == 0
            assert store.keep_prices("spot", [MarketPrice(START, START + 1, Decimal(1))])
            store.note_prices(PriceList("spot", START), Event(START, "prices", "cannot be read"))
        assert site.days()
