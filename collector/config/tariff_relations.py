"""Checks what no single key of a tariff can tell: bands that are named, tiers in order, two tariffs at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from collector.config import calendars
from collector.config.nearest import nearest
from collector.errors import Mistake
from collector.model.tariff import Tariff

Table = Mapping[str, Any]


def within(place: str, data: Table, meters: Sequence[str]) -> Iterator[Mistake]:
    """Every mistake between the keys of one tariff, as it is written."""
    bands = _tables(data, "band")
    names = [band["name"] for band in bands if isinstance(band.get("name"), str)]
    yield from _named(f"{place}.meters", data.get("meters"), meters, "meter")
    yield from _named(f"{place}.holidays", data.get("holidays"), calendars.names(), "calendar")
    yield from _bands(place, bands)
    for kind in ("demand", "reactive"):
        for index, each in enumerate(_tables(data, kind)):
            yield from _named(f"{place}.{kind}[{index}].bands", each.get("bands"), names, "band")
    yield from _registers(place, data.get("registers", {}), names)
    yield from _tiers(place, _tables(data, "tier"))
    yield from _taxes(place, _tables(data, "tax"))
    market = data.get("market")
    if isinstance(market, Mapping) and ("file" in market) == ("url" in market):
        yield Mistake(f"{place}.market", "names no source, or two", "write either file or url")


def _tables(data: Table, name: str) -> list[Table]:
    found = data.get(name, [])
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _named(place: str, given: object, known: Sequence[str], what: str) -> Iterator[Mistake]:
    for name in given if isinstance(given, list) else []:
        if isinstance(name, str) and name not in known:
            yield Mistake(place, f'no {what} is called "{name}"', nearest(name, known) or f"known: {', '.join(known)}")


def _bands(place: str, bands: Sequence[Table]) -> Iterator[Mistake]:
    if not bands:
        yield Mistake(f"{place}.band", "is missing", "write [[tariff.band]] with a name and a price")
        return
    seen: set[str] = set()
    for index, band in enumerate(bands):
        here = f"{place}.band[{index}]"
        if band.get("name") in seen:
            yield Mistake(f"{here}.name", f'a second band is called "{band["name"]}"', "give each a name of its own")
        seen.add(str(band.get("name")))
        last = index == len(bands) - 1
        if last and band.get("when"):
            hint = "the last band has no `when`: it is the rest, so that every hour has a price"
            yield Mistake(f"{here}.when", "stands in the last band", hint)
        elif not last and not band.get("when"):
            yield Mistake(f"{here}.when", "is missing: the bands below it would never hold", "say when it holds")
        yield from _windows(here, band.get("when"))


def _windows(place: str, when: object) -> Iterator[Mistake]:
    found = when if isinstance(when, list) else [when]
    for index, window in enumerate(found):
        if not isinstance(window, Mapping):
            continue
        if window.get("from", "00:00") == window.get("to", "24:00"):
            yield Mistake(f"{place}.when[{index}]", "begins when it ends", "leave both out for the whole day")
        season = window.get("season")
        if isinstance(season, str) and not all(_exists(end) for end in season.split("/")):
            yield Mistake(f"{place}.when[{index}].season", f'"{season}" names a day that no year has', "month, day")


def _exists(text: str) -> bool:
    month, _, day = text.partition("-")
    if not (month.isdigit() and day.isdigit()):
        return True  # its form is another mistake
    longest = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
    return 1 <= int(month) <= 12 and 1 <= int(day) <= longest.get(int(month), 31)


def _registers(place: str, registers: object, bands: Sequence[str]) -> Iterator[Mistake]:
    for register, band in registers.items() if isinstance(registers, Mapping) else ():
        yield from _named(f"{place}.registers.{register}", [band], bands, "band")


def _amount(value: object) -> Decimal | None:
    try:
        return None if value is None or isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        return None


def _tiers(place: str, tiers: Sequence[Table]) -> Iterator[Mistake]:
    limits = [_amount(tier.get("up_to")) for tier in tiers]
    if tiers and "up_to" in tiers[-1]:
        hint = "the last tier has no up_to: it is for whatever comes above the others"
        yield Mistake(f"{place}.tier[{len(tiers) - 1}].up_to", "stands in the last tier", hint)
    for index, tier in enumerate(tiers[:-1]):
        if "up_to" not in tier:
            yield Mistake(f"{place}.tier[{index}].up_to", "is missing", "only the last tier has none")
    for index, (one, other) in enumerate(pairwise(limits)):
        if one is not None and other is not None and one >= other:
            yield Mistake(f"{place}.tier[{index + 1}].up_to", "is not above that of the tier before", "sort them")


def _taxes(place: str, taxes: Sequence[Table]) -> Iterator[Mistake]:
    parts = [_amount(tax.get("percent")) or Decimal(0) for tax in taxes if tax.get("inside") is True]
    if sum(parts, Decimal(0)) >= 100:
        yield Mistake(f"{place}.tax", "those inside the sum make up all of it", "together they are below 100 %")


def between(tariffs: Sequence[tuple[str, Tariff]], meters: Sequence[str]) -> Iterator[Mistake]:
    """Two tariffs that would be a meter's from the same day on."""
    seen: dict[tuple[str, object], str] = {}
    for place, tariff in tariffs:
        for meter in meters:
            if not tariff.covers(meter):
                continue
            if other := seen.get((meter, tariff.valid_from)):
                said = f'is the day on which {other} begins for meter "{meter}", too'
                yield Mistake(f"{place}.valid_from", said, "name the meters of each, or another day")
                break
            seen[meter, tariff.valid_from] = place
