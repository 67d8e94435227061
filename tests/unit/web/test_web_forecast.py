"""The room "forecast" tells what is expected and what was not as usual, in two languages, and programs the same."""

from __future__ import annotations

import pytest
from household import ZONE, Household

from collector.model.calendar import local_month

HOUR = 3_600_000


@pytest.fixture
def told(house: Household) -> Household:
    """Two days of forecast of the power, and a base load that rose."""
    begin = house.now - house.now % HOUR - 24 * HOUR
    hours = [
        {"time": begin + n * HOUR, "quantity": "active_power_total", "value": 2000.0 + n, "low": 1500.0 + n,
         "high": 2600.0 + n, "made": begin}
        for n in range(72)
    ]  # fmt: skip
    odd = {"time": begin - 48 * HOUR, "quantity": "active_power_total", "kind": "base", "until": begin, "lasting": 1,
           "currency": "BRL", "score": 2.5, "expected": 300.0, "difference": 120.0, "kwh": 5.76,
           "amount": 1.44}  # fmt: skip
    house.store.computed = {"forecast_hour": hours, "anomaly": [odd]}
    return house


def test_it_shows_the_band_the_table_and_the_anomaly_with_its_cost(told: Household) -> None:
    page = told.client.get("/forecast").get_data(as_text=True)
    assert 'class="expected-band" d="M' in page
    assert "Base load up 120" in page
    assert "5.8 kWh, 1.44 BRL" in page
    assert page.count('<th scope="row">') == 48
    assert "nan" not in page.lower().replace("banana", "")


def test_it_speaks_portuguese(told: Household) -> None:
    page = told.client.get("/forecast", headers={"Accept-Language": "pt-BR"}).get_data(as_text=True)
    assert "Consumo de base subiu 120" in page
    assert "5,8 kWh" in page
    assert "expected." not in page and "Not as usual" not in page


def test_programs_get_the_same(told: Household) -> None:
    answer = told.client.get("/api/forecast?quantity=active_power_total").get_json()
    assert len(answer["hours"]) == 72
    assert told.client.get("/api/forecast?format=csv").get_data(as_text=True).startswith("time,quantity,value,low,high")
    (odd,) = told.client.get("/api/anomalies").get_json()["anomalies"]
    assert odd["kind"] == "base" and "Base load up" in odd["text"]
    assert told.client.get("/api/forecast?from=0&to=99999999999999").status_code == 400
    assert told.client.get("/forecast?quantity=nothing").status_code == 400


def test_without_a_forecast_it_says_what_it_waits_for(house: Household) -> None:
    page = house.client.get("/forecast").get_data(as_text=True)
    assert "needs a day of readings" in page


def test_it_says_what_the_rest_of_the_month_takes_when_all_of_it_is_known(told: Household) -> None:
    assert "end of the month" not in told.client.get("/forecast").get_data(as_text=True)
    begin = told.now - told.now % HOUR
    month = local_month(told.now, ZONE)[1]
    told.store.computed["forecast_hour"] = [
        {"time": time, "quantity": "active_energy_import", "value": 500.0, "low": 0.0, "high": 900.0, "made": begin}
        for time in range(begin, month, HOUR)
    ]
    hours = len(range(begin + HOUR, month, HOUR))
    page = told.client.get("/forecast").get_data(as_text=True)
    assert not hours or f"beyond now: {hours / 2:,.0f}".replace(",", "\u202f" if hours >= 20000 else "") in page
