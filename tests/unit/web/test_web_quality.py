"""The room "quality & advice" tells what the job computed, in the reader's language, and programs the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from household import ZONE, Household
from quality_week import judged_week

from collector.model.calendar import local_day


@pytest.fixture
def judged(house: Household) -> Household:
    """This week: L1 is too high for half of the time, the load is inductive, one dip."""
    house.store.computed = judged_week(house.now)
    return house


def test_it_says_what_is_wrong_what_to_do_and_on_what_that_rests(judged: Household) -> None:
    page = judged.client.get("/quality").get_data(as_text=True)
    assert "The voltage of L1 is too high" in page
    assert "A capacitor of about 1.1 kvar" in page
    assert "EN 50160, low voltage" in page
    assert "13.64 %" in page  # the worst: 250 V on 220 V
    assert "0.800" in page and "L1, L2" in page and "62.0 %" in page
    assert "/history?meter=turbine" in page


def test_it_speaks_portuguese(judged: Household) -> None:
    page = judged.client.get("/quality", headers={"Accept-Language": "pt-BR"}).get_data(as_text=True)
    assert "A tensão de L1 está alta demais" in page
    assert "13,64 %" in page
    assert "The voltage" not in page and "Wanted" not in page


def test_programs_get_the_same(judged: Household) -> None:
    answer = judged.client.get("/api/quality?range=week").get_json()
    limits = {(row["figure"], row["share"]): row for row in answer["limits"]}
    assert (limits["voltage_l1", 0.95]["inside"], limits["voltage_l1", 0.95]["measured"]) == (50, 100)
    assert limits["voltage_l1", 1.0]["good"] is False
    assert [each["code"] for each in answer["advice"]] == ["voltage_high", "unbalance", "power_factor"]
    lines = judged.client.get("/api/quality?range=week&format=csv").get_data(as_text=True).splitlines()
    assert lines[0].startswith("figure,low,high,share")
    assert len(lines) == 1 + len(answer["limits"])


def test_a_period_of_which_nothing_is_known_says_so(house: Household) -> None:
    day = local_day(house.now, ZONE)
    page = house.client.get(f"/quality?range=day&at={day[0]}").get_data(as_text=True)
    assert "Nothing has been computed for this period" in page
    assert "within its limits" not in page


@pytest.mark.parametrize("asked", ["range=year", "at=yesterday", "meter=nobody"])
def test_what_cannot_be_asked_is_an_error_with_what_can(house: Household, asked: str) -> None:
    assert house.client.get(f"/quality?{asked}").status_code == 400
    assert house.client.get(f"/api/quality?{asked}").get_json()["error"]


def test_a_store_that_is_down_is_told(house: Household) -> None:
    house.store.down = True
    assert house.client.get("/api/quality").status_code == 503


def test_another_meter_is_shown_for_the_same_period(tmp_path: Path) -> None:
    client = Household(tmp_path, 2).client
    page = client.get("/quality?meter=house+01&range=month&at=2026-03-02").get_data(as_text=True)
    form = page[page.index('<form class="choose"') : page.index("</form>")]
    assert '<input type="hidden" name="range" value="month">' in form
    assert '<input type="hidden" name="at" value="2026-03-02">' in form
    asked = client.get("/quality?meter=house+02&range=month&at=2026-03-02").get_data(as_text=True)
    assert "March 2026" in asked
