"""Looks at the sources of market prices: can they be read, and do they have a price for now."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from collector.config.settings import Settings
from collector.errors import StoreError
from collector.model.calendar import local_date
from collector.model.finding import PRICES, Finding, attention, fine, skipped, wrong
from collector.model.insight import PriceList, Stored
from collector.model.tariff import Market, tariff_of
from collector.store.factory import open_reader

_ADVICE = (
    "look at [tariff.market]: does its address answer, and with a list of prices?"
    " Energy without a price is not in the bill"
)


def prices(settings: Settings) -> Iterator[Finding]:
    """One finding for each market tariff that a meter has today; nothing while the store does not answer."""
    now = int(time.time() * 1000)
    today = local_date(now, settings.site.zone)
    held = (tariff_of(settings.tariffs, meter.name, today) for meter in settings.meters)
    markets = {tariff.name: tariff.market for tariff in held if tariff is not None and tariff.market is not None}
    if not markets:
        return
    try:
        with closing(open_reader(settings.store, settings.site)) as reader:
            for name, market in markets.items():
                yield _judged(settings, reader, name, market, now)
    except StoreError:
        return


def _judged(settings: Settings, stored: Stored, name: str, market: Market, now: int) -> Finding:
    subject, known = f"{PRICES}{name}", stored.price_list(market.source)
    if known is None:
        return skipped(subject, "have not been asked for yet")
    priced = bool(stored.prices(market.source, now, now + 1))
    if known.failing is not None:
        seen = f"cannot be read since {_local(settings, known.failing)}: {known.problem}"
        return (
            attention(subject, seen, _ADVICE) if priced else wrong(subject, f"{seen}; none is known for now", _ADVICE)
        )
    if not priced:
        return wrong(subject, f"none is known for now, last read {_read(settings, known)}", _ADVICE)
    return fine(subject, f"read {_read(settings, known)}")


def _read(settings: Settings, known: PriceList) -> str:
    return _local(settings, known.fetched or known.asked)


def _local(settings: Settings, at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, settings.site.zone):%Y-%m-%d %H:%M}"
