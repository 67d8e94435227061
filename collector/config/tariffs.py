"""Turns the `[[tariff]]` tables of the configuration and of the files that it names into tariffs, or into mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from collector.config import calendars
from collector.config.schema import checked
from collector.config.tariff_relations import between, within
from collector.config.tariff_schema import DAY_WORDS
from collector.config.wording import mistake, shown
from collector.errors import Mistake
from collector.model.tariff import (
    KINDS,
    Band,
    Demand,
    Fixed,
    Market,
    Reactive,
    Surcharge,
    Tariff,
    Tax,
    Tier,
    Window,
)

Table = Mapping[str, Any]
#: What stands in a tariff as a list of tables.
LISTS = ("band", "tier", "surcharge", "fixed", "demand", "reactive", "tax")
_PER = {"kWh": Decimal(1), "MWh": Decimal(1000)}


@dataclass(frozen=True, slots=True)
class Written:
    """A tariff as it stands in a file: which one (`tariffs.toml: `, empty for the configuration), where, what."""

    path: Path
    place: str
    data: Table


@dataclass
class _Check:
    """Checks tables within one tariff and keeps what is wrong."""

    written: Written
    mistakes: list[Mistake] = field(default_factory=list)

    def table(self, kind: str, place: str, data: object) -> dict[str, Any]:
        """The checked values of a table; empty where something is wrong with it."""
        here = self.written.place + place
        if not isinstance(data, Mapping):
            self.mistakes.append(Mistake(here, f"{shown(data)} is no table", f"write [{kind}] and keys below it"))
            return {}
        values, faults = checked(kind, data)
        for fault in faults:
            self.mistakes.append(mistake(kind, f"{here}.{fault[0][0]}", fault))
        return values

    def tables(self, kind: str, place: str, data: object) -> list[dict[str, Any]]:
        """The checked values of a list of tables."""
        if not isinstance(data, Sequence) or isinstance(data, str):
            here = self.written.place + place
            self.mistakes.append(Mistake(here, "is not a list of tables", f"write [[{kind}]] with two brackets"))
            return []
        return [self.table(kind, f"{place}[{index}]", each) for index, each in enumerate(data)]


def tariffs(found: Sequence[Written], meters: Sequence[str]) -> tuple[tuple[Tariff, ...], list[Mistake]]:
    """All tariffs, or everything that is wrong with them; `meters`: the names of those that there are."""
    made: list[tuple[Written, Tariff]] = []
    mistakes: list[Mistake] = []
    for each in found:
        check = _Check(each)
        tariff = _tariff(check)
        check.mistakes += within(each.place, each.data, meters)
        mistakes += check.mistakes
        if not check.mistakes:
            made.append((each, tariff))
    mistakes += between([(written.place, tariff) for written, tariff in made], meters)
    return tuple(tariff for _, tariff in made), mistakes


def _tariff(check: _Check) -> Tariff:
    """The tariff; something to go on with where there are mistakes."""
    data = check.written.data
    nested = {*LISTS, "market"}
    own = check.table("tariff", "", {key: value for key, value in data.items() if key not in nested})
    parts = {name: check.tables(f"tariff.{name}", f".{name}", _plain(name, data)) for name in LISTS}
    market = check.table("tariff.market", ".market", data["market"]) if "market" in data else None
    windows = list(_windows(check, data))
    if check.mistakes:
        return _NONE
    return Tariff(
        name=own["name"],
        valid_from=own["valid_from"],
        currency=own["currency"],
        meters=own["meters"],
        billing_day=own["billing_day"],
        decimals=own["decimals"],
        holiday_rules=tuple(rule for name in own["holidays"] if name in calendars.names()
                            for rule in calendars.rules(name)),
        holiday_dates=frozenset(own["holiday_dates"]),
        bands=tuple(Band(**band, windows=held) for band, held in zip(parts["band"], windows, strict=True)),
        registers=own["registers"],
        tiers=tuple(Tier(**tier) for tier in parts["tier"]),
        surcharges=tuple(Surcharge(**each) for each in parts["surcharge"]),
        fixed=tuple(Fixed(**each) for each in parts["fixed"]),
        demands=tuple(Demand(**each) for each in parts["demand"]),
        reactive=tuple(Reactive(**each) for each in parts["reactive"]),
        taxes=tuple(Tax(**{**each, "on": each["on"] or KINDS}) for each in parts["tax"]),
        market=_market(check.written, own["name"], market) if market else None,
    )  # fmt: skip


#: Stands for a tariff with mistakes until they are told.
_NONE = Tariff("", date.min, "", ())


def _plain(name: str, data: Table) -> object:
    """The tables of this name, without those within them, which are checked by themselves."""
    found = data.get(name, [])
    if name != "band" or not isinstance(found, list):
        return found
    return [{k: v for k, v in band.items() if k != "when"} if isinstance(band, dict) else band for band in found]


def _windows(check: _Check, data: Table) -> Iterator[tuple[Window, ...]]:
    bands = data.get("band", [])
    for index, band in enumerate(bands if isinstance(bands, list) else []):
        when = band.get("when", []) if isinstance(band, dict) else []
        held = check.tables("tariff.band.when", f".band[{index}].when", [when] if isinstance(when, dict) else when)
        yield tuple(_window(each) for each in held if each)


def _window(values: Mapping[str, Any]) -> Window:
    words = [day for word in values["days"] for day in DAY_WORDS.get(word, (word,))]
    given = {"days": frozenset(words)} if words else {}
    season = values["season"]
    ends = [_month_and_day(end) for end in season.split("/")] if season else None
    return Window(
        begin=_minutes(values["begin"]),
        end=_minutes(values["to"]),
        season=(ends[0], ends[1]) if ends else None,
        **given,
    )


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _month_and_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)


def _market(written: Written, tariff: str, values: Mapping[str, Any]) -> Market:
    file = (written.path.parent / values["file"]).absolute() if values["file"] else None
    source = values["url"] or str(file)
    return Market(**{**values, "file": file, "per": _PER[values["per"]], "source": f"{tariff}: {source}"[:64]})
