"""Market prices as others publish them: CSV and JSON, gaps that stay gaps, clocks that change, nonsense refused."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.config.settings import Settings, SiteSettings
from collector.insight.prices import read_prices
from collector.model import calendar
from collector.model.event import Event
from collector.model.insight import MarketPrice, PriceList
from collector.model.tariff import Band, Market, Tariff
from collector.service.prices import MOST, keep_prices

ZONE = ZoneInfo("Europe/Amsterdam")
HOUR = 3_600_000
MARKET = Market("spot", url="http://x", per=Decimal(1000))
START = calendar.midnight(date(2026, 6, 1), ZONE)


def read(text: str, market: Market = MARKET) -> list[MarketPrice]:
    return read_prices(text, market, ZONE)


def test_csv_with_points_or_with_commas() -> None:
    one = read("time,price,x\n2026-06-01T00:00+02:00,83.4567,1\n2026-06-01T01:00+02:00,-5,1\n")
    assert one == [
        MarketPrice(START, START + HOUR, Decimal("0.0834567")),
        MarketPrice(START + HOUR, START + 2 * HOUR, Decimal("-0.005")),
    ]
    assert read("\ufeffx;time;price\r\n;2026-06-01 00:00;83,4567\r\n;2026-06-01 01:00;-5\r\n") == one


def test_json_in_which_the_list_lies_deep() -> None:
    market = Market(
        "spot", url="http://x", time_column="start_timestamp", price_column="marketprice", per=Decimal(1000)
    )
    text = f'{{"object": "list", "data": [{{"start_timestamp": {START}, "marketprice": 83.4567, "unit": "Eur/MWh"}}]}}'
    assert read(text, market) == [MarketPrice(START, START + HOUR, Decimal("0.0834567"))]


def test_a_gap_stays_a_gap_and_quarters_are_quarters() -> None:
    rows = "".join(f"2026-06-01T0{n // 4}:{n % 4 * 15:02d}+02:00,{n}\n" for n in (0, 1, 2, 8, 9))
    found = read("time,price\n" + rows)
    assert {price.end - price.start for price in found} == {HOUR // 4}
    assert [(price.start - START) * 4 // HOUR for price in found] == [0, 1, 2, 8, 9]


def test_the_hour_that_comes_twice() -> None:
    text = "time,price\n" + "".join(f"2026-10-25 {hour:02d}:00,{n}\n" for n, hour in enumerate((1, 2, 2, 3)))
    found = read(text)
    assert [price.start - found[0].start for price in found] == [0, HOUR, 2 * HOUR, 3 * HOUR]


@pytest.mark.parametrize(
    "text",
    ["", "<html>", "{", "[]", "time,price\n", "a,b\n1,2\n", "time,price\nsoon,1\n", "time,price\n2026-06-01,cheap\n",
     "time,price\n2026-06-01,NaN\n", "time,price\n2026-06-01,1e99\n", "time,price\n99999999999999999999,1\n",
     "[" * 99_999],
)  # fmt: skip
def test_nonsense_is_said_in_words(text: str) -> None:
    with pytest.raises(ValueError):
        read(text)


@given(st.text(), st.sampled_from(["", "time,price\n", '[{"time":', '{"time": 1, "price": 2}']))
def test_no_text_does_more_harm_than_that(text: str, before: str) -> None:
    try:
        found = read(before + text)
    except ValueError:
        return
    assert all(price.start < price.end <= price.start + 24 * HOUR for price in found)


class Kept:
    """As much of the store as prices need."""

    def __init__(self) -> None:
        self.found: list[MarketPrice] = []
        self.marked: list[int] = []
        self.list: PriceList | None = None
        self.events: list[str] = []

    def price_list(self, source: str) -> PriceList | None:
        return self.list

    def note_prices(self, now: PriceList, event: Event | None) -> None:
        self.list = now
        self.events += [event.message] if event else []

    def prices(self, source: str, start: int, end: int) -> list[MarketPrice]:
        return [price for price in self.found if price.start < end and price.end > start]

    def keep_prices(self, source: str, prices: list[MarketPrice]) -> list[MarketPrice]:
        news = [price for price in prices if price not in self.found]
        self.found += news
        return news

    def latest(self) -> list[object]:
        return []

    def mark(self, calculation: str, meters: list[str], times: list[int]) -> None:
        self.marked += times


class Served(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()
            return
        self.send_response(200 if self.path != "/gone" else 404)
        self.end_headers()
        body = {"/big": b"x" * (MOST + 10), "/text": b"\xff\xfe"}.get(
            self.path, b"time,price\n2026-06-01T00:00+02:00,80\n"
        )
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Served)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{made.server_address[1]}"
    made.shutdown()
    made.server_close()


def site(**market: object) -> Settings:
    tariff = Tariff("spot", date(2026, 1, 1), "EUR", (Band("all"),), market=Market("spot", **market))
    return Settings(Path("x"), site=SiteSettings("s", "Europe/Amsterdam"), tariffs=(tariff,))


def test_prices_are_fetched_and_kept(server: str) -> None:
    store = Kept()
    keep_prices(site(url=f"{server}/prices.csv", per=Decimal(1000)), store, START)
    assert [price.price for price in store.found] == [Decimal("0.08")]


@pytest.mark.parametrize("path", ["gone", "big", "text", "away"])
def test_a_server_that_fails_costs_its_prices_only(server: str, path: str, caplog: pytest.LogCaptureFixture) -> None:
    store = Kept()
    keep_prices(site(url=f"{server}/{path}"), store, START)
    assert store.found == []
    assert "prices of tariff spot" in caplog.text
    assert "root:" not in caplog.text


def test_an_outage_is_one_event_and_its_end_another(server: str) -> None:
    store = Kept()
    for minute in (0, 15, 30):
        keep_prices(site(url=f"{server}/gone"), store, START + minute * 60_000)
    assert store.events == ["the prices of spot cannot be read: the server says 404 Not Found"]
    assert store.list == PriceList("spot", START + 30 * 60_000, None, START, "the server says 404 Not Found")
    later = START + 45 * 60_000
    keep_prices(site(url=f"{server}/prices.csv"), store, later)
    assert store.events[1:] == ["the prices of spot can be read again"]
    assert store.list == PriceList("spot", later, later)


def test_a_server_that_is_not_there_is_said_without_its_address() -> None:
    store = Kept()
    keep_prices(site(url="http://127.0.0.1:9/secret-token"), store, START)
    assert store.events == ["the prices of spot cannot be read: Connection refused"]


def test_nobody_is_asked_twice_an_hour(server: str) -> None:
    store = Kept()
    store.found = [MarketPrice(START, START + HOUR, Decimal(1))]
    keep_prices(site(url=f"{server}/prices.csv"), store, START + 30 * 60_000)
    assert len(store.found) == 1
    keep_prices(site(url=f"{server}/prices.csv"), store, START + HOUR + 30 * 60_000)
    assert len(store.found) == 2


def test_a_file_is_read_each_time(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "prices.csv"
    store = Kept()
    keep_prices(site(file=path), store, START)
    assert "No such file" in caplog.text
    path.write_text("time,price\n2026-06-01T00:00+02:00,0.5\n")
    keep_prices(site(file=path), store, START)
    assert [price.price for price in store.found] == [Decimal("0.5")]
