"""Anomalies cost what a kWh costs on the newest bill, whenever bills begin."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from memory import METER, Memory, all_days, compute

from collector.insight.anomaly.calculation import mean_price
from collector.model import calendar
from collector.model.calendar import QUARTER
from collector.model.tariff import Band, Tariff

ZONE = ZoneInfo("Europe/Amsterdam")
TARIFF = Tariff("t", date(2000, 1, 1), "EUR", (Band("all", Decimal("0.25")),), billing_day=12)


def test_the_price_is_that_of_the_bill_that_is_under_way() -> None:
    start = calendar.midnight(date(2026, 3, 12), ZONE)
    now = calendar.midnight(date(2026, 4, 5), ZONE)
    store = Memory({"active_energy_import": dict.fromkeys(range(start, now, QUARTER), 250.0)})
    assert mean_price(store, METER, now) is None
    compute(store, ZONE, [TARIFF], all_days(store), now)
    assert mean_price(store, METER, now) == (0.25, "EUR")
