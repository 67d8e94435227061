"""Sorts the quarters of a day into the bands of its tariff, by the clock or by the meter's own registers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from collector.insight.bands import bands_of
from collector.insight.quarters import Quarter
from collector.model.calendar import QUARTER
from collector.model.insight import MarketPrice, Stored
from collector.model.tariff import Market, Tariff

#: Parts (thousandths of Wh) of a kWh.
KILO = Decimal(1_000_000)


@dataclass(slots=True)
class Banded:
    """What one band of a day comes to; energy in thousandths of Wh and varh, None as long as nothing is known."""

    imported: int | None = None
    exported: int | None = None
    reactive: int | None = None
    quarters: int = 0
    estimated: int = 0
    peak: int | None = None
    peak_time: int | None = None
    market_import: Decimal | None = None
    market_export: Decimal | None = None
    unpriced: int | None = None
    unpriced_export: int | None = None

    @staticmethod
    def kilo(parts: int | None) -> Decimal | None:
        """In kWh, kvarh or kW."""
        return None if parts is None else Decimal(parts) / KILO

    def count(self, quarter: Quarter) -> None:
        """What a quarter counts for the band in which it lies."""
        self.reactive = _plus(self.reactive, quarter.reactive)
        if quarter.known:
            self.quarters += 1
            self.estimated += quarter.estimated
        if quarter.imported is not None and (self.peak is None or quarter.imported > self.peak):
            self.peak, self.peak_time = quarter.imported, quarter.start

    def price(self, quarter: Quarter, market: Market, price: Decimal | None) -> None:
        """Values a quarter at the market's price; what has none is said so."""
        imported, exported = quarter.imported, quarter.exported if market.feed_in else None
        if price is None:
            self.unpriced = _plus(self.unpriced, imported or None)
            self.unpriced_export = _plus(self.unpriced_export, exported or None)
            return
        if imported is not None:
            self.market_import = (self.market_import or Decimal(0)) + imported * price / KILO
        if exported is not None:
            self.market_export = (self.market_export or Decimal(0)) + exported * price / KILO


def _plus(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


def banded(
    stored: Stored, tariff: Tariff | None, day: date, zone: ZoneInfo, known: Sequence[Quarter]
) -> Mapping[str, Banded]:
    """The bands of a day of which anything is known, by name; one without a name where there is no tariff."""
    found: dict[str, Banded] = {}
    if tariff is None:
        for quarter in known:
            _add(found, quarter, "", {})
        return found
    clock = bands_of(tariff, day, zone)
    for quarter in known:
        _add(found, quarter, clock[quarter.start], tariff.registers)
    if tariff.market and known:
        prices = _prices(stored, tariff.market, known)
        for quarter in known:
            found[clock[quarter.start]].price(quarter, tariff.market, prices.get(quarter.start))
    return found


def _add(found: dict[str, Banded], quarter: Quarter, band: str, registers: Mapping[str, str]) -> None:
    """A meter's registers tell by themselves which band energy belongs to; the clock tells the rest."""
    found.setdefault(band, Banded()).count(quarter)
    for name, parts in _shares(quarter.imported, quarter.registers, band, registers):
        figures = found.setdefault(name, Banded())
        figures.imported = _plus(figures.imported, parts)
    for name, parts in _shares(quarter.exported, quarter.out_registers, band, registers):
        figures = found.setdefault(name, Banded())
        figures.exported = _plus(figures.exported, parts)


def _shares(
    total: int | None, by_register: Mapping[str, int] | None, band: str, registers: Mapping[str, str]
) -> Iterable[tuple[str, int]]:
    if total is None:
        return ()
    if not registers or by_register is None:
        return ((band, total),)
    shares = [(registers.get(register, band), parts) for register, parts in by_register.items() if parts]
    return shares or ((band, 0),)


def _prices(stored: Stored, market: Market, known: Sequence[Quarter]) -> Mapping[int, Decimal]:
    """Start of a quarter -> what a kWh costs in it, where the market's price is known."""
    start, end = known[0].start, known[-1].start + QUARTER
    found: list[MarketPrice] = list(stored.prices(market.source, start, end))
    return {
        at: market.price(each.price)
        for each in found
        for at in range(each.start - each.start % QUARTER, each.end, QUARTER)
    }
