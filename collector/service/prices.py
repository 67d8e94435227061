"""Gets market prices, from a file or over the network, and keeps them; days whose prices are news are due again."""

from __future__ import annotations

import logging
import urllib.error
import urllib.request
from http.client import HTTPException

from collector import __version__
from collector.config.settings import Settings
from collector.insight.energy import NAME as ENERGY
from collector.insight.prices import read_prices
from collector.model import calendar
from collector.model.insight import InsightStore
from collector.model.tariff import Market, Tariff

log = logging.getLogger(__name__)

#: s that a server may take, and octets that it may send.
PATIENCE, MOST = 30, 5_000_000
_HOUR, _QUARTER = 3_600_000, calendar.QUARTER


def keep_prices(settings: Settings, store: InsightStore, now: int) -> None:
    """All sources of prices; one that fails is told and costs nothing but its prices."""
    for tariff in settings.tariffs:
        if tariff.market is not None and _wanted(store, tariff.market, now):
            try:
                _keep(settings, store, tariff, tariff.market)
            except (OSError, HTTPException, ValueError) as error:
                log.warning("prices of tariff %s: %s", tariff.name, error)


def _wanted(store: InsightStore, market: Market, now: int) -> bool:
    """A file is looked at each time; a server is asked once an hour, and at once when there is no price for now."""
    return market.url is None or now % _HOUR < _QUARTER or not store.prices(market.source, now, now + 1)


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
        raise ValueError(f"{market.url}: more than {MOST} bytes")
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
