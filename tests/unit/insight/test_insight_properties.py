"""Energy and cost add up whatever happens: late data, gaps, clocks that change, leap days, exchanged meters."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory import METER, Memory, compute

from collector.insight.bands import bands_of
from collector.insight.energy import Energy
from collector.model import calendar
from collector.model.calendar import QUARTER
from collector.model.insight import MarketPrice, Period
from collector.model.reading import Flag
from collector.model.tariff import Band, Fixed, Market, Tariff, Tax, Tier, Window

DAY = 86_400_000
ZONES = ["UTC", "Europe/Amsterdam", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"]
#: Days around a change of clocks, a leap day, a month's end, a day that Samoa left out.
DATES = [
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2024, 2, 29),
    date(2026, 11, 30),
    date(2018, 11, 4),
    date(2026, 4, 5),
]
NIGHT = Window(begin=23 * 60, end=7 * 60)
TARIFF = Tariff(
    name="t",
    valid_from=date(2000, 1, 1),
    currency="EUR",
    bands=(
        Band(
            "peak", Decimal("0.4"), windows=(Window(frozenset(("mon", "tue", "wed", "thu", "fri")), 17 * 60, 20 * 60),)
        ),
        Band("night", Decimal("0.1"), Decimal("0.05"), windows=(NIGHT,)),
        Band("day", Decimal("0.25"), Decimal("0.07")),
    ),
    holiday_rules=("12-25", "easter+1"),
    tiers=(Tier(Decimal("0.01"), Decimal(3)), Tier(Decimal("0.02"))),
    fixed=(Fixed("rent", Decimal(5)), Fixed("daily", Decimal("0.3"), "day")),
    taxes=(Tax("VAT", Decimal(21)),),
)

starts = st.sampled_from(DATES).flatmap(
    lambda day: st.sampled_from(ZONES).map(lambda zone: (calendar.midnight(day, ZoneInfo(zone)) - DAY, ZoneInfo(zone)))
)
#: What each of the quarters of three days counted: Wh, or None where nothing was read.
counts = st.lists(st.one_of(st.none(), st.floats(0, 5000).map(lambda wh: round(wh, 3))), min_size=8, max_size=290)


def stored(start: int, values: list[float | None], flags: dict[int, int] | None = None) -> Memory:
    known = {start + n * QUARTER: value for n, value in enumerate(values) if value is not None}
    return Memory({"active_energy_import": known}, flags)


def parts(store: Memory) -> int:
    return sum(round(wh * 1000) for wh in store.quarters["active_energy_import"].values())


def everything(store: Memory, zone: ZoneInfo, tariffs: list[Tariff], now: int) -> Memory:
    """The same quarters, computed from nothing."""
    fresh = Memory(store.quarters, store.flags)
    fresh.market = store.market
    days = {calendar.local_day(at, zone)[0] for at in fresh.quarters["active_energy_import"]}
    compute(fresh, zone, tariffs, days, now)
    return fresh


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(starts, counts)
def test_bands_sum_to_all_energy(where: tuple[int, ZoneInfo], values: list[float | None]) -> None:
    start, zone = where
    store = everything(stored(start, values), zone, [TARIFF], start + 40 * DAY)
    kwh = sum((row["import_kwh"] or 0 for row in store.tables["energy_day"]), Decimal(0))
    assert kwh == Decimal(parts(store)) / 1_000_000
    assert sum(row["quarters"] for row in store.tables["energy_day"]) >= sum(value is not None for value in values)
    for row in store.tables["energy_day"]:
        begin, end = calendar.local_day(row["time"], zone)
        same = [other["quarters"] for other in store.tables["energy_day"] if other["time"] == begin]
        assert sum(same) <= (end - begin) // QUARTER


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(starts, counts, st.randoms(use_true_random=False))
def test_late_data_give_what_a_computation_from_scratch_gives(where, values, random) -> None:
    start, zone = where
    now = start + 40 * DAY
    whole = stored(start, values)
    known = whole.quarters["active_energy_import"]
    store = Memory({"active_energy_import": {}})
    waiting = sorted(known)
    random.shuffle(waiting)
    while waiting:
        came, waiting = waiting[: len(waiting) // 2 + 1], waiting[len(waiting) // 2 + 1 :]
        there = store.quarters["active_energy_import"]
        there |= {at: known[at] for at in came}
        # As the store does: days of what came, and of what counts from it on; the increase itself may change as well.
        after = {min((at for at in there if at > one), default=one) for one in came}
        compute(store, zone, [TARIFF], {*came, *after}, now)
    assert store.everything() == everything(store, zone, [TARIFF], now).everything()


@settings(max_examples=40, deadline=None)
@given(starts, counts)
def test_days_cost_together_what_the_month_s_lines_say(where, values) -> None:
    start, zone = where
    store = everything(stored(start, values), zone, [TARIFF], start + 62 * DAY)
    for kind in ("energy", "tier", "feed_in"):
        days = sum((row["amount"] for row in store.tables["cost_day"] if row["kind"] == kind), Decimal(0))
        lines = [row for row in store.tables["bill_line"] if row["kind"] == kind]
        assert days == sum((row["quantity"] * row["price"] for row in lines), Decimal(0))
    for bill in store.tables["bill"]:
        assert bill["total"] == sum(
            (row["amount"] for row in store.tables["bill_line"] if row["time"] == bill["time"]), Decimal(0)
        )


@settings(max_examples=30, deadline=None)
@given(starts, counts, st.sampled_from([Flag.METER_SWAP, Flag.COUNTER_RESET]), st.integers(0, 200))
def test_an_exchanged_meter_takes_nothing_away_and_fills_no_gap(where, values, flag, place) -> None:
    start, zone = where
    known = [n for n, value in enumerate(values) if value is not None]
    swapped = min((n for n in known if n >= place), default=None)
    flags = {} if swapped is None else {start + swapped * QUARTER: int(flag)}
    store = everything(stored(start, values, flags), zone, [TARIFF], start + 40 * DAY)
    assert (
        sum((r["import_kwh"] or 0 for r in store.tables["energy_day"]), Decimal(0)) == Decimal(parts(store)) / 1_000_000
    )
    before = max((n for n in known if swapped is not None and n < swapped), default=None)
    if swapped is not None and before is not None and known:
        filled = known[-1] - known[0] + 1 - (swapped - before - 1)
        assert sum(row["quarters"] for row in store.tables["energy_day"]) == filled


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(starts, counts)
def test_a_tariff_that_is_deleted_leaves_nothing_behind(where, values) -> None:
    start, zone = where
    now = start + 40 * DAY
    other = replace(TARIFF, name="new", valid_from=calendar.local_date(start + DAY, zone))
    store = everything(stored(start, values), zone, [TARIFF, other], now)
    days = {calendar.local_day(at, zone)[0] for at in store.quarters["active_energy_import"]}
    compute(store, zone, [TARIFF], days, now)
    assert store.everything() == everything(store, zone, [TARIFF], now).everything()
    compute(store, zone, [], days, now)
    assert store.tables["bill"] == store.tables["cost_day"] == []
    assert {row["band"] for row in store.tables["energy_day"]} <= {""}


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)])
def test_a_day_of_23_or_25_hours_has_its_bands(day: date, hours: int) -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    bands = bands_of(TARIFF, day, zone)
    assert len(bands) == hours * 4
    assert all(other - one == QUARTER for one, other in pairwise(bands))
    # The night ends at seven by the clock on the wall, however long it was.
    assert sum(band == "night" for band in bands.values()) == (7 + 1 - 24 + hours) * 4


def test_two_tariffs_in_one_month_are_two_bills_that_add_up() -> None:
    zone = ZoneInfo("UTC")
    start = calendar.midnight(date(2026, 6, 1), zone)
    later = replace(TARIFF, valid_from=date(2026, 6, 16), fixed=(Fixed("rent", Decimal(10)),))
    store = everything(stored(start, [100.0] * 30 * 96), zone, [TARIFF, later], start + 35 * DAY)
    bills = store.tables["bill"]
    assert [bill["days"] for bill in bills] == [15, 15]
    assert [bill["import_kwh"] for bill in bills] == [Decimal(144), Decimal(144)]
    rents = [line["amount"] for line in store.tables["bill_line"] if line["label"] == "rent"]
    assert rents == [Decimal("2.5"), Decimal(5)]


def test_a_price_that_is_not_known_is_no_price_of_nought() -> None:
    zone = ZoneInfo("UTC")
    start = calendar.midnight(date(2026, 6, 1), zone)
    spot = replace(TARIFF, bands=(Band("all"),), tiers=(), fixed=(), taxes=(),
                   market=Market("spot", url="http://x", factor=Decimal("1.1"), add=Decimal("0.02")))  # fmt: skip
    store = stored(start, [250.0] * 96)
    hour = 4 * QUARTER
    store.market = [MarketPrice(start + n * hour, start + (n + 1) * hour, Decimal("0.1")) for n in range(6)]
    compute(store, zone, [spot], [start], start + 2 * DAY)
    (bill,) = store.tables["bill"]
    assert bill["total"] == Decimal("0.78")  # 6 kWh at 0.13
    assert bill["unpriced_kwh"] == Decimal(18)
    store.market += [MarketPrice(start + n * hour, start + (n + 1) * hour, Decimal("-0.1")) for n in range(6, 24)]
    compute(store, zone, [spot], [start], start + 2 * DAY)
    (bill,) = store.tables["bill"]
    assert bill["unpriced_kwh"] == 0
    assert bill["total"] == Decimal("-0.84")


def test_missing_quarters_are_missing() -> None:
    zone = ZoneInfo("UTC")
    start = calendar.midnight(date(2026, 6, 1), zone)
    store = stored(start, [100.0] * 48)
    now = start + 4 * DAY
    compute(store, zone, [TARIFF], [start], now)
    (bill,) = store.tables["bill"]
    assert (bill["quarters"], bill["expected_quarters"], bill["estimated"]) == (48, 4 * 96, 0)


def test_what_a_month_will_cost_follows_its_weekdays() -> None:
    zone = ZoneInfo("UTC")
    flat = replace(TARIFF, bands=(Band("all", Decimal(1)),), tiers=(), fixed=(), taxes=())
    start = calendar.midnight(date(2026, 5, 1), zone)
    days = 31 + 15
    values = [250.0 if (4 + n // 96) % 7 >= 5 else 100.0 for n in range(days * 96)]  # 2026-05-01 is a Friday
    store = stored(start, values)
    now = start + days * DAY
    compute(store, zone, [flat], [start + n * DAY for n in range(days)], now)
    bill = store.tables["bill"][-1]
    june = [24 if date(2026, 6, day).weekday() >= 5 else Decimal("9.6") for day in range(1, 31)]
    assert bill["total"] == sum(june[:15])
    assert bill["expected"] == sum(june)


def test_energy_is_computed_for_the_days_that_are_asked_for_only() -> None:
    zone = ZoneInfo("UTC")
    start = calendar.midnight(date(2026, 6, 1), zone)
    store = stored(start, [100.0] * 96 * 20)
    (result,) = Energy(zone, [TARIFF]).compute(store, METER, [Period(start + 5 * DAY, start + 6 * DAY)], start)
    assert (result.start, result.end) == (start + 5 * DAY, start + 6 * DAY)
