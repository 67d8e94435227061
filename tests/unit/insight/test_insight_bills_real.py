"""Bills of a real household and of a real steel works agree with loops over quarter hours, to the last digit."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from memory import Memory, all_days, compute

from collector.config.tariffs import Written, tariffs

pytestmark = pytest.mark.slow

CURVES = Path(__file__).parents[4] / "shared" / "real" / "load-curves"
QUARTER = 900_000
CENT = Decimal("0.01")


def opened(name: str) -> list[dict[str, str]]:
    path = CURVES / name
    if not path.exists():
        pytest.skip("the real load curves are not here (../shared/real/load-curves)")
    with gzip.open(path, "rt") as text:
        return list(csv.DictReader(text))


def tariff(**data: object) -> tuple:
    made, mistakes = tariffs([Written(Path("x.toml"), "tariff[0]", data)], ["house"])
    assert not mistakes, mistakes
    return made


def utc_ms(local: datetime, zone: ZoneInfo) -> int:
    return round(local.replace(tzinfo=zone).astimezone(UTC).timestamp() * 1000)


@cache
def household() -> dict[int, float]:
    """Wh of each quarter of half a year, where every minute of it is known; the counter went on meanwhile elsewhere."""
    zone = ZoneInfo("UTC")  # the file has no marks of summer time: its clock is taken for one that never changes
    minutes: dict[int, list[Decimal]] = defaultdict(list)
    for row in opened("uci-household/household_power_consumption_2007-01_06_1min.csv.gz"):
        if row["Global_active_power"] in ("?", ""):
            continue
        day, month, year = map(int, row["Date"].split("/"))  # the year with two digits in some rows
        hour, minute, _ = map(int, row["Time"].split(":"))
        local = datetime(2000 + year % 100, month, day, hour, minute // 15 * 15)
        minutes[utc_ms(local, zone)].append(Decimal(row["Global_active_power"]) * 1000 / 60)
    return {at: float(sum(each)) for at, each in sorted(minutes.items())}


HOUSEHOLD = {
    "name": "heures creuses", "valid_from": date(2007, 1, 1), "currency": "EUR", "holidays": ["fr"],
    "band": [
        {"name": "low", "price": 0.0614, "when": [{"from": "22:30", "to": "06:30"}, {"days": ["weekend", "holiday"]}]},
        {"name": "high", "price": 0.1085},
    ],
    "tier": [{"up_to": 400, "price": 0.001}, {"up_to": 700, "price": 0.0125}, {"price": 0.03}],
    "fixed": [{"name": "rent", "price": 13.37}, {"name": "meter", "price": 0.0411, "per": "day"}],
    "tax": [{"name": "TVA", "percent": 19.6}, {"name": "local", "percent": 8, "on": ["energy", "tier"]}],
}  # fmt: skip
FRENCH_HOLIDAYS = {(1, 1), (4, 9), (5, 1), (5, 8), (5, 17), (5, 28)}  # of 2007, from a calendar on the wall


def spread(known: dict[int, float]) -> dict[int, int]:
    """mWh of every quarter: what a counter showed after a gap, dealt out one by one from the first quarter on."""
    dealt: dict[int, int] = {}
    previous = None
    for at, wh in known.items():
        slots = [at] if previous is None else list(range(previous + QUARTER, at + QUARTER, QUARTER))
        rest = int((Decimal(repr(wh)) * 1000).quantize(Decimal(1)))
        for slot in slots:
            dealt[slot] = rest // len(slots)
        for slot in slots[: rest - rest // len(slots) * len(slots)]:
            dealt[slot] += 1
        previous = at
    return dealt


def household_oracle(known: dict[int, float], month: int) -> list[tuple[str, str, Decimal]]:
    kwh = {"low": Decimal(0), "high": Decimal(0)}
    days = set()
    for at, parts in spread(known).items():
        local = datetime.fromtimestamp(at / 1000, UTC)
        if (local.year, local.month) != (2007, month):
            continue
        days.add(local.date())
        minute = local.hour * 60 + local.minute
        free = local.weekday() >= 5 or (local.month, local.day) in FRENCH_HOLIDAYS
        low = minute >= 22 * 60 + 30 or minute < 6 * 60 + 30 or free
        kwh["low" if low else "high"] += Decimal(parts) / 1_000_000
    total = kwh["low"] + kwh["high"]
    length = (date(2007, month + 1, 1) - date(2007, month, 1)).days
    lines = [
        ("energy", "low", kwh["low"] * Decimal("0.0614")),
        ("energy", "high", kwh["high"] * Decimal("0.1085")),
        ("tier", "≤ 400 kWh", min(total, Decimal(400)) * Decimal("0.001")),
    ]
    if total > 400:
        lines.append(("tier", "≤ 700 kWh", (min(total, Decimal(700)) - 400) * Decimal("0.0125")))
    if total > 700:
        lines.append(("tier", "> 700 kWh", (total - 700) * Decimal("0.03")))
    lines += [("fixed", "rent", Decimal("13.37")), ("fixed", "meter", length * Decimal("0.0411"))]
    lines = [(kind, label, amount.quantize(CENT, ROUND_HALF_UP)) for kind, label, amount in lines]
    everything = sum(amount for _, _, amount in lines)
    some = sum(amount for kind, _, amount in lines if kind in ("energy", "tier"))
    lines.append(("tax", "TVA", (everything * Decimal("0.196")).quantize(CENT, ROUND_HALF_UP)))
    lines.append(("tax", "local", (some * Decimal("0.08")).quantize(CENT, ROUND_HALF_UP)))
    return lines


def of_month(store: Memory, table: str, year: int, month: int, zone: ZoneInfo) -> list[dict[str, object]]:
    return [
        dict(row)
        for row in store.tables[table]
        if (local := datetime.fromtimestamp(row["time"] / 1000, zone)).year == year and local.month == month
    ]


def test_the_household_s_bills() -> None:
    known = household()
    assert len(known) > 17_000
    store = Memory({"active_energy_import": known})
    zone = ZoneInfo("UTC")
    compute(store, zone, tariff(**HOUSEHOLD), all_days(store), max(known) + 40 * 86_400_000)
    for month in range(1, 6):
        lines = of_month(store, "bill_line", 2007, month, zone)
        expected = household_oracle(known, month)
        assert [(line["kind"], line["label"], line["amount"]) for line in lines] == expected, month
        (bill,) = of_month(store, "bill", 2007, month, zone)
        assert bill["total"] == sum(amount for _, _, amount in expected)
        assert bill["quarters"] + 0 == bill["expected_quarters"]
    assert sum(bill["estimated"] for bill in store.tables["bill"]) > 0


STEEL = {
    "name": "industrial", "valid_from": date(2018, 1, 1), "currency": "KRW", "holiday_dates": [date(2018, 1, 1)],
    "band": [
        {"name": "peak", "price": 191.1, "when": [
            {"days": ["workday"], "from": "10:00", "to": "12:00", "season": "03-01/10-31"},
            {"days": ["workday"], "from": "13:00", "to": "17:00", "season": "03-01/10-31"},
            {"days": ["workday"], "from": "17:00", "to": "20:00", "season": "11-01/02-28"},
        ]},
        {"name": "light", "price": 56.1, "when": [{"from": "23:00", "to": "09:00"}, {"days": ["sun", "holiday"]}]},
        {"name": "mid", "price": 109.0},
    ],
    "demand": [{"name": "basic", "price": 8320}, {"name": "peak", "price": 100.5, "free_kw": 50, "bands": ["peak"]}],
    "reactive": [{"price": 3.21, "power_factor": 0.9}],
    "surcharge": [{"name": "climate", "price": 5.3, "from": date(2018, 7, 1), "to": date(2018, 8, 15)}],
    "tax": [{"name": "VAT", "percent": 10}, {"name": "fund", "percent": 3.7, "inside": True}],
}  # fmt: skip


def steel() -> tuple[dict[int, float], dict[int, float]]:
    """Wh and varh of each quarter; the file tells the end of each."""
    zone = ZoneInfo("Asia/Seoul")
    active, reactive = {}, {}
    for row in opened("steel-industry/Steel_industry_data.csv.gz"):
        # Seoul has had no summer time since 1988. The file's last quarter of a day bears the date that ends: 0:00.
        local = datetime.strptime(row["date"], "%d/%m/%Y %H:%M")
        if (local.hour, local.minute) == (0, 0):
            local += timedelta(days=1)
        at = utc_ms(local - timedelta(minutes=15), zone)
        active[at] = float(Decimal(row["Usage_kWh"]) * 1000)
        reactive[at] = float(Decimal(row["Lagging_Current_Reactive.Power_kVarh"]) * 1000)
    return active, reactive


def steel_band(local: datetime) -> str:
    minute = local.hour * 60 + local.minute
    work = local.weekday() < 5 and local.date() != date(2018, 1, 1)
    summer = 3 <= local.month <= 10
    if work and summer and (600 <= minute < 720 or 780 <= minute < 1020):
        return "peak"
    if work and not summer and 1020 <= minute < 1200:
        return "peak"
    if minute >= 23 * 60 or minute < 9 * 60 or local.weekday() == 6 or local.date() == date(2018, 1, 1):
        return "light"
    return "mid"


def steel_oracle(active: dict[int, float], reactive: dict[int, float], month: int) -> list[tuple[str, str, Decimal]]:
    zone = ZoneInfo("Asia/Seoul")
    kwh: dict[str, Decimal] = defaultdict(Decimal)
    varh = climate = top = top_peak = Decimal(0)
    for at, wh in active.items():
        local = datetime.fromtimestamp(at / 1000, zone)
        if (local.year, local.month) != (2018, month):
            continue
        used, band = Decimal(repr(wh)) / 1000, steel_band(local)
        kwh[band] += used
        varh += Decimal(repr(reactive[at])) / 1000
        climate += used if date(2018, 7, 1) <= local.date() <= date(2018, 8, 15) else 0
        top = max(top, used * 4)
        top_peak = max(top_peak, used * 4) if band == "peak" else top_peak
    total = sum(kwh.values())
    lines = [("energy", band, kwh[band] * price) for band, price in
             (("peak", Decimal("191.1")), ("light", Decimal("56.1")), ("mid", Decimal(109)))]  # fmt: skip
    if month in (7, 8):
        lines.append(("surcharge", "climate", climate * Decimal("5.3")))
    lines.append(("demand", "basic", top * 8320))
    lines.append(("demand", "peak", max(top_peak - 50, Decimal(0)) * Decimal("100.5")))
    allowed = total * (1 - Decimal("0.81")).sqrt() / Decimal("0.9")
    excess = max(varh - allowed, Decimal(0)).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    lines.append(("reactive", "reactive energy", excess * Decimal("3.21")))
    lines = [(kind, label, amount.quantize(Decimal(1), ROUND_HALF_UP)) for kind, label, amount in lines]
    base = sum(amount for _, _, amount in lines)
    lines.append(("tax", "VAT", (base / 10).quantize(Decimal(1), ROUND_HALF_UP)))
    lines.append(("tax", "fund", (base * Decimal("3.7") / Decimal("96.3")).quantize(Decimal(1), ROUND_HALF_UP)))
    return lines


def test_the_steel_works_bills() -> None:
    active, reactive = steel()
    assert len(active) == 35_040
    store = Memory({"active_energy_import": active, "reactive_energy_import": reactive})
    zone = ZoneInfo("Asia/Seoul")
    compute(store, zone, tariff(**STEEL), all_days(store), max(active) + 40 * 86_400_000)
    for month in range(1, 13):
        lines = of_month(store, "bill_line", 2018, month, zone)
        expected = steel_oracle(active, reactive, month)
        assert [(line["kind"], line["label"], line["amount"]) for line in lines] == expected, month
        (bill,) = of_month(store, "bill", 2018, month, zone)
        assert bill["quarters"] == bill["expected_quarters"]


def test_registers_that_switch_as_the_bands_do_give_the_same_bill() -> None:
    known = household()
    zone = ZoneInfo("UTC")
    one, now = tariff(**HOUSEHOLD), max(known) + QUARTER
    single = Memory({"active_energy_import": known})
    compute(single, zone, one, all_days(single), now)
    # Each register counts what the clock's band is; both are stored in each quarter, as a meter gives them.
    dealt = {at: parts / 1000 for at, parts in spread(known).items()}
    low = {}
    for at, wh in dealt.items():
        local = datetime.fromtimestamp(at / 1000, UTC)
        minute = local.hour * 60 + local.minute
        free = local.weekday() >= 5 or (local.month, local.day) in FRENCH_HOLIDAYS
        low[at] = wh if minute >= 22 * 60 + 30 or minute < 6 * 60 + 30 or free else 0.0
    double = Memory({"active_energy_import_t1": low,
                     "active_energy_import_t2": {at: 0.0 if low[at] else wh for at, wh in dealt.items()},
                     "active_energy_import": dealt})  # fmt: skip
    compute(double, zone, tariff(**HOUSEHOLD, registers={"t1": "low", "t2": "high"}), all_days(double), now)
    assert double.tables["bill_line"] == single.tables["bill_line"]
    assert [bill["total"] for bill in double.tables["bill"]] == [bill["total"] for bill in single.tables["bill"]]
