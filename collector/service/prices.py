"""Gets market prices, from a file or over the network, and keeps them; days whose prices are news are due again."""

from __future__ import annotations

import logging
import urllib.error
import urllib.request
from dataclasses import replace
from http.client import HTTPException

from collector import __version__
from collector.config.settings import Settings
from collector.insight.energy import NAME as ENERGY
from collector.insight.prices import read_prices
from collector.model import calendar
from collector.model.event import Event
from collector.model.insight import InsightStore, PriceList
from collector.model.tariff import Market, Tariff

log = logging.getLogger(__name__)

#: s that a server may take, and octets that it may send.
PATIENCE, MOST = 30, 5_000_000
#: Characters of a reason.
_LONGEST = 200
_KIND = "prices"
_HOUR, _QUARTER = 3_600_000, calendar.QUARTER


def keep_prices(settings: Settings, store: InsightStore, now: int) -> None:
    """All sources of prices; one that fails is told and costs nothing but its prices."""
    for number, tariff in enumerate(settings.tariffs):
        market = tariff.market
        before = store.price_list(market.source) if market else None
        if market is None or not _wanted(store, market, before, now):
            continue
        problem = None
        try:
            _keep(settings, store, tariff, market)
        except (OSError, HTTPException, ValueError) as error:
            problem = _reason(error)
            log.warning("prices of tariff %s: %s", tariff.name, problem)
        # Two events of one kind cannot be of the same ms.
        store.note_prices(*_noted(tariff.name, before or PriceList(market.source, 0), problem, now + number))


def _wanted(store: InsightStore, market: Market, before: PriceList | None, now: int) -> bool:
    """A file is looked at each time; a server is asked once an hour, and at once after a failure, and when there is no
    price for now."""
    failing = before is not None and before.failing is not None
    return market.url is None or failing or now % _HOUR < _QUARTER or not store.prices(market.source, now, now + 1)


def _reason(error: Exception) -> str:
    """Why, for a person."""
    if isinstance(error, urllib.error.HTTPError):
        return f"the server says {error.code} {error.reason}"[:_LONGEST]
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    said = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
    return (said or type(error).__name__)[:_LONGEST]


def _noted(tariff: str, before: PriceList, problem: str | None, now: int) -> tuple[PriceList, Event | None]:
    """How it stands now, and the event that it begins to fail or is over."""
    if problem is None:
        event = Event(now, _KIND, f"the prices of {tariff} can be read again") if before.failing else None
        return replace(before, asked=now, fetched=now, failing=None, problem=None), event
    event = None if before.failing else Event(now, _KIND, f"the prices of {tariff} cannot be read: {problem}")
    return replace(before, asked=now, failing=before.failing or now, problem=problem), event


def _keep(settings: Settings, store: InsightStore, tariff: Tariff, market: Market) -> None:
    zone = settings.site.zone
    news = store.keep_prices(market.source, read_prices(_text(market), market, zone))
    days = {calendar.local_day(at, zone)[0] for price in news for at in (price.start, price.end - 1)}
    meters = [meter.name for meter in settings.meters if tariff.covers(meter.name)]
    known = {latest.meter: latest.time for latest in store.latest()}
    for meter in meters:
        # Prices of days to come change nothing yet.
        store.mark(ENERGY, [meter], sorted(day for day in days if day <= known.get(meter, 0)))
    if news:
        log.info("tariff %s: %d new prices", tariff.name, len(news))


def _text(market: Market) -> str:
    if market.url is None:
        assert market.file is not None
        return market.file.read_text(encoding="utf-8-sig")
    # The configuration allows http and https only; redirects lead to nothing else either.
    request = urllib.request.Request(market.url, headers={"User-Agent": f"phaselog/{__version__}"})  # noqa: S310
    with _OPENER.open(request, timeout=PATIENCE) as answer:
        content: bytes = answer.read(MOST + 1)
    if len(content) > MOST:
        raise ValueError(f"more than {MOST} bytes")
    return content.decode("utf-8-sig")


def _opener() -> urllib.request.OpenerDirector:
    """Speaks http and https, nothing else: no file, no ftp, whatever a server redirects to."""
    opener = urllib.request.OpenerDirector()
    for handler in (urllib.request.ProxyHandler, urllib.request.HTTPHandler, urllib.request.HTTPSHandler,
                    urllib.request.HTTPRedirectHandler, urllib.request.HTTPDefaultErrorHandler,
                    urllib.request.HTTPErrorProcessor):  # fmt: skip
        opener.add_handler(handler())
    return opener


_OPENER = _opener()
