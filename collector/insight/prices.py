"""Reads market prices out of a CSV or JSON text; what it cannot read it says, what is missing stays missing."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from zoneinfo import ZoneInfo

from collector.model.calendar import QUARTER
from collector.model.insight import MarketPrice
from collector.model.tariff import Market

_HOUR, _DAY = 3_600_000, 86_400_000
#: Above this a number is ms since 1970, else s.
_MILLISECONDS = 100_000_000_000
#: 2000-01-01 and 2100-01-01: no price is older or newer.
_EARLIEST, _LATEST = 946_684_800_000, 4_102_444_800_000
_BILLIONTH = Decimal("0.000000001")
#: No price of a kWh is beyond this; a table that holds more is another one.
_MOST = Decimal(1_000_000)


def read_prices(text: str, market: Market, zone: ZoneInfo) -> list[MarketPrice]:
    """The prices of a kWh in order of time; ValueError, in words for a person, for a text that holds none.

    Each holds until the next one begins, but no longer than the shortest one does: a gap stays a gap. Times without
    an offset are the site's; the hour that comes twice is the first time the earlier one.
    """
    rows = list(_json(text, market) if text.lstrip()[:1] in ("{", "[") else _csv(text, market))
    if not rows:
        raise ValueError(f'no row with "{market.time_column}" and "{market.price_column}"')
    found: dict[int, Decimal] = {}
    for number, (when, price) in enumerate(rows, 1):
        start = _time(str(when), zone, found, number)
        found[start] = _price(str(price), number) / market.per
    starts = sorted(found)
    spaces = [other - one for one, other in pairwise(starts) if QUARTER <= other - one <= _DAY]
    length = min(spaces, default=_HOUR)
    ends = [min(start + length, following) for start, following in pairwise([*starts, starts[-1] + length])]
    return [MarketPrice(start, end, found[start].quantize(_BILLIONTH)) for start, end in zip(starts, ends, strict=True)]


def _csv(text: str, market: Market) -> Iterator[tuple[object, object]]:
    lines = text.lstrip("\ufeff").splitlines()
    head = lines[0] if lines else ""
    separator = max(";\t,", key=head.count)
    for row in csv.DictReader(lines, delimiter=separator):
        if row.get(market.time_column) and row.get(market.price_column):
            price = row[market.price_column]
            yield row[market.time_column], price if separator == "," else price.replace(",", ".")


def _json(text: str, market: Market) -> Iterator[tuple[object, object]]:
    try:
        # Numbers as they are written, not as the nearest binary fraction.
        content = json.loads(text, parse_float=str)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"no JSON: {error}") from None
    for entry in _entries(content):
        when, price = entry.get(market.time_column), entry.get(market.price_column)
        if when is not None and price is not None:
            yield when, price


def _entries(content: object) -> Iterator[Mapping[str, object]]:
    """Every object in it, however deep."""
    waiting = [content]
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, dict):
            yield each
            waiting.extend(each.values())
        elif isinstance(each, Sequence) and not isinstance(each, str):
            waiting.extend(each)


def _time(text: str, zone: ZoneInfo, seen: Mapping[int, Decimal], number: int) -> int:
    try:
        found = _moment(text, zone, seen)
    except (ValueError, OverflowError):
        found = -1
    if not _EARLIEST <= found < _LATEST:
        raise ValueError(f"row {number}: {text[:40]!r} is no time; write it like 2026-01-31T13:00+01:00")
    return found


def _moment(text: str, zone: ZoneInfo, seen: Mapping[int, Decimal]) -> int:
    if text.strip().isdigit():
        value = int(text)
        return value if value >= _MILLISECONDS else value * 1000
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is not None:
        return _ms(moment)
    first = _ms(moment.replace(tzinfo=zone))
    return _ms(moment.replace(tzinfo=zone, fold=1)) if first in seen else first


def _ms(moment: datetime) -> int:
    return round(moment.astimezone(UTC).timestamp() * 1000)


def _price(text: str, number: int) -> Decimal:
    try:
        price = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(f"row {number}: {text[:40]!r} is no price") from None
    if not price.is_finite() or abs(price) > _MOST:
        raise ValueError(f"row {number}: {text[:40]!r} is no price")
    return price
