"""What people see on the three pages, in good times and in bad."""

import re
import time
from html import unescape

import pytest

from collector.config.settings import SpoolSettings
from collector.model.reading import Flag, Reading
from collector.pipeline.spool import Spool


def text_of(response):
    """The words of a page, as somebody reads them."""
    body = re.sub(r"<script.*?</script>|<[^>]+>", " ", response.get_data(as_text=True), flags=re.S)
    return re.sub(r"\s+", " ", unescape(body))


def test_now_answers_the_three_questions_without_a_click(house):
    page = text_of(house.client.get("/"))
    assert "Running. 1 meter, nothing wrong." in page
    assert re.search(r"turbine SENTRON PAC3100 \d .\d{3} kW Active power, total", page)
    assert re.search(r"L1 2\d\d .\d V", page)
    assert re.search(r"Import \d+ .\d kWh \d+ .\d kWh", page)


def test_power_factor_of_a_phase_is_shown_where_the_meter_leaves_the_division_to_us(house):
    assert re.search(r"L1 2\d\d .\d V .* kW 0 \.9\d\d L2", text_of(house.client.get("/")))


def test_no_meter_says_what_to_do(build):
    empty = build(0)
    empty.run()
    for path in ("/", "/history"):
        page = text_of(empty.client.get(path))
        assert "Connect a meter" in page
        assert "phaselog scan" in page
    assert "No meter is configured" in text_of(empty.client.get("/health"))


def test_collector_not_running_is_said_with_the_way_out(build):
    page = text_of(build().client.get("/"))
    assert "Collector: does not run" in page
    assert "systemctl start phaselog-collector" in page


def test_store_down_still_shows_what_the_collector_has_in_hand(house):
    house.store.down = True
    with_spool(house, {"voltage_l1_n": 231.25, "active_power_total": 4321.0})
    for path in ("/", "/history", "/health"):
        page = text_of(house.client.get(path))
        assert "Store: the database does not answer" in page
    assert "4 .321 kW" in text_of(house.client.get("/"))


def test_store_that_comes_back_is_asked_again(house, monkeypatch):
    monkeypatch.setattr("collector.web.access.RETRY_AFTER", 0.0)
    monkeypatch.setattr("collector.web.live.LOOK_EVERY", 0.0)
    house.store.down = True
    assert "Store: the database does not answer" in text_of(house.client.get("/"))
    house.store.down = False
    assert "nothing wrong" in text_of(house.client.get("/"))


def with_spool(house, values, flags=None):
    """One reading that the collector has not committed yet, written by the collector's own spool."""
    spool = Spool(house.runtime, house.runtime.parent / "state", SpoolSettings())
    at = int(time.time() * 1000)
    spool.append(Reading("turbine", at, values, flags or Flag(0)))
    return spool


def test_uncommitted_reading_wins_over_the_store(house):
    with_spool(house, {"voltage_l1_n": 231.25})
    assert re.search(r"L1 231 \.[23] V", text_of(house.client.get("/")))


def test_value_of_a_clock_that_was_put_back_gives_way(house, monkeypatch):
    monkeypatch.setattr("collector.web.live.LOOK_EVERY", 0.0)
    house.store.last += 86_400_000
    house.client.get("/")
    with_spool(house, {"voltage_l1_n": 231.25})
    monkeypatch.setattr("collector.web.live.LATEST_EVERY", 0.0)
    for _ in range(2):
        page = text_of(house.client.get("/"))
        assert re.search(r"L1 231 \.[23] V", page)


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (Flag.PARTIAL, "The request for this value failed in the last reading."),
        (Flag.IMPLAUSIBLE, "was impossible and was refused"),
        (Flag(0), "The meter says that it has no value."),
    ],
)
def test_missing_value_is_a_dash_with_its_reason(house, flags, reason):
    with_spool(house, {"voltage_l1_n": None}, flags)
    page = house.client.get("/").get_data(as_text=True)
    cell = re.search(r'<span class="num missing" data-q="voltage_l1_n".*?</span></span>', page, re.S)
    assert cell
    assert reason in cell.group()
    assert '<span class="i">–</span>' in cell.group()


def test_value_is_stale_after_three_periods(house):
    house.store.last = int(time.time() * 1000) - 3_500
    page = house.client.get("/").get_data(as_text=True)
    assert 'class="num stale" data-q="voltage_l1_n"' in page
    assert "one is due every 1 s" in page


def test_forty_meters_are_listed_with_state_and_power(build):
    village = build(40)
    village.run({"house 03": "silent"})
    page = text_of(village.client.get("/?meter=house 07"))
    assert "40 meters 1 without answer" in page
    assert "house 07 SENTRON PAC3100" in page
    assert len(re.findall(r"house \d\d \d\.\d{3} kW", page)) == 40
    assert "Meter house 03: silent" in page


def test_meter_that_is_not_there_is_named_as_such(house):
    answer = house.client.get("/?meter=nobody")
    assert answer.status_code == 400
    assert "there is no meter 'nobody'" in text_of(answer)
    assert "known meters: turbine" in text_of(answer)


def test_health_tells_everything(house):
    page = text_of(house.client.get("/health"))
    for words in ("no answer: 3", "6.2 / 11.9", "18.0 %", "network time", "456 MB", "sqlite 3.40.1, schema 3"):
        assert words in page


def test_nothing_from_outside_becomes_markup(house):
    page = house.client.get("/health").get_data(as_text=True)
    assert "&lt;b&gt;Energy&lt;/b&gt;" in page
    nasty = house.client.get("/?meter=<script>alert(1)</script>").get_data(as_text=True)
    assert "<script>alert" not in nasty


@pytest.mark.parametrize("unit", ["hour", "day", "month", "year"])
def test_history_walks_through_time(house, unit):
    page = house.client.get(f"/history?range={unit}&at={house.now}").get_data(as_text=True)
    earlier = unescape(re.search(r'href="([^"]+)" aria-label="Earlier"', page).group(1))
    before = house.client.get(earlier).get_data(as_text=True)
    begin, end = (re.search(rf'data-{word}="(\d+)"', before).group(1) for word in ("from", "to"))
    assert end == re.search(r'data-from="(\d+)"', page).group(1)
    assert int(begin) < int(end)
    assert 'aria-label="Later"' in before


def test_history_takes_local_times_of_its_form(house):
    page = house.client.get("/history?from=2026-11-20T08:00&to=2026-11-20T10:30").get_data(as_text=True)
    assert "20 November 2026, 08:00–10:30" in page
    # Cuiaba is four hours behind UTC.
    assert 'data-from="1795176000000"' in page


@pytest.mark.parametrize(
    "query", ["range=week", "from=yesterday&to=today", "from=2026-11-20T08:00", "quantity=x", "at=1e9"]
)
def test_history_says_what_is_wrong_with_a_question(house, query):
    answer = house.client.get(f"/history?{query}")
    assert answer.status_code == 400
    assert "Traceback" not in answer.get_data(as_text=True)


def test_defect_of_ours_gives_a_calm_page(house):
    house.store.latest = lambda: 1 / 0
    answer = house.client.get("/")
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.get_data(as_text=True)


@pytest.mark.slow
def test_headings_and_landmarks(house):
    for path in ("/", "/history", "/health"):
        page = house.client.get(path).get_data(as_text=True)
        assert len(re.findall(r"<h1[ >]", page)) == 1
        assert '<html lang="en">' in page
        assert len(re.findall(r"<main[ >]", page)) == 1
        assert 'aria-current="page"' in page
        assert 'role="status"' in page
