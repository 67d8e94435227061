"""Bills that begin on another day than the first, and what a bill will come to by the forecast."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory import METER, Memory, all_days, compute

from collector.insight.billing import billing_days, billing_period
from collector.model import calendar
from collector.model.calendar import QUARTER
from collector.model.insight import MarketPrice
from collector.model.tariff import Band, Demand, Fixed, Market, Tariff, Tax, Tier, Window

ZONE = ZoneInfo("America/Sao_Paulo")
DAY, HOUR = 86_400_000, 3_600_000
EVENING = Window(begin=17 * 60, end=20 * 60)
TARIFF = Tariff(
    name="t",
    valid_from=date(2000, 1, 1),
    currency="BRL",
    bands=(Band("peak", Decimal("1.2"), windows=(EVENING,)), Band("rest", Decimal("0.6"))),
    billing_day=12,
    tiers=(Tier(Decimal("0.01"), Decimal(100)), Tier(Decimal("0.05"))),
    fixed=(Fixed("light", Decimal(20)), Fixed("daily", Decimal("0.3"), "day")),
    demands=(Demand("demand", Decimal(3)),),
    taxes=(Tax("ICMS", Decimal(17), inside=True),),
)
#: Days of reading, the tariffs of two years and some days of them.
readings = st.lists(
    st.tuples(st.integers(0, 700), st.integers(1, 28)), min_size=1, max_size=4, unique_by=lambda t: t[0]
)
BEGIN = date(2025, 1, 1)


def made(changes: list[tuple[int, int]]) -> list[Tariff]:
    return [
        replace(TARIFF, name=f"t{n}", valid_from=BEGIN + timedelta(days=at), billing_day=day)
        for n, (at, day) in enumerate(sorted(changes))
    ]


@settings(max_examples=200, deadline=None)
@given(readings, st.integers(0, 900))
def test_bills_follow_each_other_without_gap_and_none_is_longer_than_a_month(changes, offset) -> None:
    tariffs, day = made(changes), BEGIN + timedelta(days=offset)
    first, end = billing_days(tariffs, METER, day)
    assert first <= day < end
    assert (end - first).days <= 31
    assert billing_days(tariffs, METER, first) == billing_days(tariffs, METER, end - timedelta(days=1)) == (first, end)
    assert billing_days(tariffs, METER, end)[0] == end
    assert billing_days(tariffs, METER, first - timedelta(days=1))[1] == first


def test_the_day_of_reading_is_the_tariff_s_and_the_first_without_one() -> None:
    late = replace(TARIFF, valid_from=date(2026, 6, 15))
    assert billing_days([], METER, date(2026, 3, 31)) == (date(2026, 3, 1), date(2026, 4, 1))
    assert billing_days([TARIFF], METER, date(2026, 1, 11)) == (date(2025, 12, 12), date(2026, 1, 12))
    assert billing_days([late], METER, date(2026, 6, 14)) == (date(2026, 6, 1), date(2026, 6, 15))
    assert billing_days([late], METER, date(2026, 6, 15)) == (date(2026, 6, 15), date(2026, 7, 12))


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.integers(1, 28), readings, st.lists(st.integers(0, 4000), min_size=70, max_size=130))
def test_the_months_are_the_sum_of_their_days(day, changes, kwh) -> None:
    """Whatever the day of reading, also where it changes: no day is billed twice, none is left out."""
    start = calendar.midnight(BEGIN, ZONE)
    known = {start + n * DAY + 40 * QUARTER: float(value) for n, value in enumerate(kwh)}
    store = Memory({"active_energy_import": known})
    tariffs = [replace(TARIFF, billing_day=day), *made([(at % len(kwh), on) for at, on in changes])]
    tariffs = list({tariff.valid_from: tariff for tariff in tariffs}.values())
    compute(store, ZONE, tariffs, all_days(store), start + 900 * DAY)
    bills, rows = store.tables["bill"], store.tables["energy_day"]
    assert sum(bill["import_kwh"] for bill in bills) == sum(row["import_kwh"] for row in rows)
    assert sum(bill["days"] for bill in bills) >= len({row["time"] for row in rows})
    for kind in ("energy", "tier"):
        days = sum((row["amount"] for row in store.tables["cost_day"] if row["kind"] == kind), Decimal(0))
        lines = [row for row in store.tables["bill_line"] if row["kind"] == kind]
        assert days == sum((row["quantity"] * row["price"] for row in lines), Decimal(0))
    for bill in bills:
        assert bill["time"] >= billing_period(tariffs, METER, bill["time"], ZONE).start


def test_a_monthly_sum_is_due_once_a_bill() -> None:
    start = calendar.midnight(date(2026, 1, 12), ZONE)
    store = Memory({"active_energy_import": {start + n * DAY: 1000.0 for n in range(59)}})
    compute(store, ZONE, [TARIFF], all_days(store), start + 90 * DAY)
    light = [row["amount"] for row in store.tables["bill_line"] if row["label"] == "light"]
    assert light == [Decimal("20.00"), Decimal("20.00")]
    assert [bill["time"] for bill in store.tables["bill"]] == [
        calendar.midnight(date(2026, month, 12), ZONE) for month in (1, 2)
    ]


def forecast(start: int, end: int, wh: float) -> list[dict]:
    return [
        {"time": at, "quantity": "active_energy_import", "value": wh, "low": 0.0, "high": 2 * wh, "made": start}
        for at in range(start - start % HOUR, end, HOUR)
    ]


@pytest.fixture
def half_a_bill() -> tuple[Memory, int, int]:
    """From 12 March to noon of the 25th 250 Wh in each quarter."""
    start = calendar.midnight(date(2026, 3, 12), ZONE)
    now, end = calendar.midnight(date(2026, 3, 25), ZONE) + 12 * HOUR, calendar.midnight(date(2026, 4, 12), ZONE)
    return Memory({"active_energy_import": dict.fromkeys(range(start, now, QUARTER), 250.0)}), now, end


def test_what_a_bill_will_come_to_is_the_bill_of_what_the_forecast_expects(half_a_bill) -> None:
    store, now, end = half_a_bill
    store.tables["forecast_hour"] = forecast(now, end, 1000.0)
    compute(store, ZONE, [TARIFF], all_days(store), now)
    (bill,) = store.tables["bill"]
    whole = Memory({"active_energy_import": dict.fromkeys(range(bill["time"], end, QUARTER), 250.0)})
    compute(whole, ZONE, [TARIFF], all_days(whole), end + DAY)
    assert (bill["expected"], bill["expected_by"]) == (whole.tables["bill"][0]["total"], "forecast")
    assert bill["total"] < bill["expected"]


def test_without_a_forecast_to_the_end_the_weekdays_before_are_the_measure(half_a_bill) -> None:
    store, now, end = half_a_bill
    store.tables["forecast_hour"] = forecast(now, end - HOUR, 1000.0)
    compute(store, ZONE, [TARIFF], all_days(store), now)
    (bill,) = store.tables["bill"]
    assert bill["expected_by"] == "weekdays"
    assert bill["expected"] > bill["total"]
    compute(store, ZONE, [TARIFF], all_days(store), end + DAY)
    (bill,) = store.tables["bill"]
    assert (bill["expected"], bill["expected_by"]) == (None, None)


def test_prices_that_are_not_known_yet_are_taken_for_the_mean_of_those_that_are(half_a_bill) -> None:
    store, now, end = half_a_bill
    market = replace(TARIFF, market=Market("spot"), tiers=(), taxes=(), demands=(), fixed=())
    begin = calendar.midnight(date(2026, 3, 12), ZONE)
    store.market = [MarketPrice(at, at + HOUR, Decimal("0.5")) for at in range(begin, now + 10 * HOUR, HOUR)]
    store.tables["forecast_hour"] = forecast(now, end, 1000.0)
    compute(store, ZONE, [market], all_days(store), now)
    (bill,) = store.tables["bill"]
    kwh = Decimal((end - begin) // HOUR)
    energy = sum(row["amount"] for row in store.tables["bill_line"] if row["kind"] == "energy")
    assert bill["expected_by"] == "forecast"
    evenings = Decimal(31 * 3)
    assert bill["expected"] == evenings * Decimal("1.2") + (kwh - evenings) * Decimal("0.6") + kwh * Decimal("0.5")
    assert energy < bill["expected"]
