"""The room "energy & cost": the same figures on the page, as JSON, as CSV and in the tables; quick over years."""

from __future__ import annotations

import csv
import io
import json
import re
from contextlib import closing
from datetime import date
from decimal import Decimal
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from energy_store import DUTCH, TIMEZONE, client, compute, store_quarters, with_tariff

from collector.model import calendar
from collector.store.factory import open_maintainer
from collector.store.sqlite import SqliteDatabase

ZONE = ZoneInfo(TIMEZONE)


def at(day: date) -> int:
    return calendar.midnight(day, ZONE)


def text_of(response):
    body = re.sub(r"<[^>]+>", " ", response.get_data(as_text=True))
    return re.sub(r"\s+", " ", unescape(body))


def periods(house, where, bands=False):
    found = json.loads(house.get(f"/api/energy?{where}").data)["periods"]
    return [row for row in found if (row["band"] is not None) == bands]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("energy")
    settings = with_tariff(folder, ["house", "shed"], **DUTCH)
    end = store_quarters(settings, date(2026, 2, 20), date(2026, 4, 11), missing=[date(2026, 4, 9)])
    compute(settings, end)
    return client(settings, folder)


@pytest.mark.slow
def test_page_json_csv_and_bill_tell_the_same(house):
    where = f"meter=house&unit=month&at={at(date(2026, 3, 5))}"
    rows = periods(house, where)
    assert len(rows) == 31
    kwh = sum(Decimal(row["import_kwh"]) for row in rows)
    assert kwh == sum(Decimal(row["import_kwh"] or 0) for row in periods(house, where, bands=True))
    (bill,) = json.loads(house.get(f"/api/bill?{where}").data)["bills"]
    assert Decimal(bill["import_kwh"]) == kwh
    days = sum(Decimal(row["cost"]) for row in rows)
    assert abs(days - Decimal(bill["total"])) < Decimal("0.05")  # the bill rounds each line, days are not rounded
    lines = list(csv.DictReader(io.StringIO(house.get(f"/api/energy?{where}&format=csv").get_data(as_text=True))))
    assert sum(Decimal(line["import_kwh"]) for line in lines if not line["band"]) == kwh
    page = text_of(house.get(f"/energy?{where}"))
    assert f"{Decimal(bill['total']):.2f} EUR" in page
    assert "normal" in page and "low" in page


@pytest.mark.slow
def test_the_day_of_23_hours_has_23_and_adds_up(house):
    day = at(date(2026, 3, 29))
    rows = periods(house, f"meter=house&unit=day&at={day}")
    assert len(rows) == 23
    month = periods(house, f"meter=house&unit=month&at={day}")
    (same,) = [row for row in month if row["from"] == day]
    assert sum(Decimal(row["import_kwh"]) for row in rows) == Decimal(same["import_kwh"])
    assert sum(Decimal(row["export_kwh"] or 0) for row in rows) == Decimal(same["export_kwh"])


def test_missing_time_is_told_and_no_zero(house):
    month = periods(house, f"meter=house&unit=month&at={at(date(2026, 4, 9))}")
    (gone,) = [row for row in month if row["from"] == at(date(2026, 4, 9))]
    # What the counter showed afterwards is one quarter's worth here: it is spread over the day, and said so.
    assert gone["estimated_quarters"] == 96
    page = text_of(house.get(f"/energy?meter=house&unit=month&at={at(date(2026, 4, 9))}"))
    assert "spread over a gap" in page


def test_a_year_adds_up_its_months(house):
    year = periods(house, f"meter=house&unit=year&at={at(date(2026, 4, 1))}")
    assert [row["import_kwh"] is not None for row in year[:4]] == [False, True, True, True]
    (bill,) = json.loads(house.get(f"/api/bill?meter=house&at={at(date(2026, 3, 1))}").data)["bills"]
    assert Decimal(year[2]["cost"]) == Decimal(bill["total"])


def test_names_of_tariffs_are_text(house):
    page = house.get(f"/energy?meter=house&at={at(date(2026, 3, 5))}").get_data(as_text=True)
    assert "&lt;b&gt;tariff&lt;/b&gt;" in page
    assert "<b>tariff" not in page


@pytest.mark.parametrize("bad", ["unit=week", "at=yesterday", "meter=nobody", "at=99999999999999999"])
def test_what_cannot_be_shown_is_said(house, bad):
    for path in ("/energy", "/api/energy", "/api/bill"):
        response = house.get(f"{path}?{bad}")
        # A bill is always a month's.
        assert response.status_code in (400, 404) or (path == "/api/bill" and bad == "unit=week")


def test_a_month_without_anything_is_empty_and_not_nought(house):
    page = text_of(house.get(f"/energy?meter=house&at={at(date(2025, 3, 5))}"))
    assert "No tariff is known" in page
    assert "0.000" not in page


#: A result row is copied so many days back, again and again: computing five years would tell nothing new.
FOUR_WEEKS = 28 * 86_400_000


@pytest.mark.slow
def test_a_page_reads_few_rows_of_five_years(tmp_path, monkeypatch):
    alone = with_tariff(tmp_path, ["house"], **DUTCH)
    compute(alone, store_quarters(alone, date(2026, 5, 4), date(2026, 6, 1)))
    settings = with_tariff(tmp_path, ["house", *(f"m{number}" for number in range(40))], **DUTCH)
    with closing(open_maintainer(settings.store, settings.site)) as maintainer:
        maintainer.migrate({meter.name: ["active_energy_import"] for meter in settings.meters}, at(date(2026, 6, 1)))
    with closing(SqliteDatabase(settings.store.path, mode="rw")) as database:
        tables = ("energy_day", "cost_day", "bill", "bill_line")
        database.transaction(lambda: [copied(database, table) for table in tables])
    page = client(settings, tmp_path)
    handed: list[int] = []
    select = SqliteDatabase.select

    def counted(self, sql, values=()):
        rows = select(self, sql, values)
        handed.append(len(rows))
        return rows

    monkeypatch.setattr(SqliteDatabase, "select", counted)
    for unit in ("day", "month", "year"):
        handed.clear()
        url = f"/energy?meter=house&unit={unit}&at={at(date(2025, 12, 3))}"
        assert page.get(url).status_code == 200
        assert 0 < sum(handed) < 1000, unit


def copied(database, table):
    columns = [name for _, name, *_ in database.select(f"PRAGMA table_info({table})")]
    rest = ", ".join(columns[2:])
    for back in range(66):
        # Five years of one meter, half a year of the forty.
        whose = "meter.name <> ''" if back < 7 else "meter.name = 'house'"
        sql = (f"INSERT OR IGNORE INTO {table} SELECT meter.id, time - ? * ?, {rest} FROM {table}, meter"
               f" WHERE time >= ? AND meter_id = (SELECT id FROM meter WHERE name = 'house') AND {whose}")  # fmt: skip
        database.execute(sql, (back, FOUR_WEEKS, at(date(2026, 5, 1))))


@pytest.mark.slow
def test_bills_go_from_reading_to_reading_and_are_compared_so(tmp_path):
    settings = with_tariff(tmp_path, ["house"], **{**DUTCH, "billing_day": 12})
    end = store_quarters(settings, date(2025, 3, 1), date(2026, 4, 1))
    compute(settings, end)
    asked = client(settings, tmp_path)
    page = text_of(asked.get(f"/energy?at={at(date(2026, 3, 20))}"))
    assert "12 Mar 2026 – 11 Apr 2026" in page
    found = {month: bill(asked, date(*month)) for month in ((2026, 3, 20), (2026, 3, 1), (2025, 4, 1))}
    begins = [calendar.local_date(each["time"], ZONE) for each in found.values()]
    assert begins == [date(2026, 3, 12), date(2026, 2, 12), date(2025, 3, 12)]
    for month in ((2026, 3, 1), (2025, 4, 1)):
        assert f"{Decimal(found[month]['total']):.2f} EUR; this month is at" in page
    year = periods(asked, f"unit=year&at={at(date(2026, 1, 3))}")
    days = [calendar.local_date(row["from"], ZONE) for row in year]
    assert days == [date(2025, month, 12) for month in range(1, 13)]
    assert calendar.local_date(year[-1]["to"], ZONE) == date(2026, 1, 12)


def bill(asked, day):
    (found,) = json.loads(asked.get(f"/api/bill?at={at(day)}").data)["bills"]
    return found


def test_what_a_month_will_come_to_says_by_what(house):
    found = bill(house, date(2026, 4, 5))
    assert found["expected_by"] == "weekdays"
    page = text_of(house.get(f"/energy?at={at(date(2026, 4, 5))}"))
    assert "each day to come like the same weekdays of the last four weeks" in page


def test_prices_that_cannot_be_read_are_told_where_they_are_missed(tmp_path):
    market = {"url": "http://127.0.0.1:9/prices.json"}
    settings = with_tariff(tmp_path, ["house"], **{**DUTCH, "market": market})
    end = store_quarters(settings, date(2026, 3, 1), date(2026, 3, 4))
    compute(settings, end)
    page = text_of(client(settings, tmp_path).get("/energy"))
    assert "The prices of dual <b>tariff</b> cannot be read since 4 Mar 2026, 00:00: Connection refused." in page
