"""Makes the lines of a month's bill from its energy; each is rounded by itself, half up, and the total is their sum."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from collector.insight.tiers import split
from collector.model.insight import ResultRow
from collector.model.tariff import TAX, ZERO, Fixed, Reactive, Tariff, Tax

#: What quantities are told to.
MILLIONTH = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what for, how much of it, what one costs, what it comes to (not rounded yet)."""

    kind: str
    label: str
    quantity: Decimal
    unit: str
    price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Energy:
    """A row of `energy_day`, with the date of its day. Unknown energy counts nothing here: it is told apart."""

    day: date
    row: ResultRow

    @property
    def band(self) -> str:
        """Its band."""
        return str(self.row["band"])

    def figure(self, column: str) -> Decimal:
        """A figure, or 0."""
        value = self.row[column]
        return ZERO if value is None else Decimal(value)

    def known(self, column: str) -> bool:
        """Whether it is known."""
        return self.row[column] is not None


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of a month in which one tariff counts: its days so far, and how many days the month has."""

    tariff: Tariff
    days: Sequence[date]
    month_days: int
    energy: Sequence[Energy]

    def total(self, column: str, held: Callable[[Energy], bool] = lambda _: True) -> Decimal:
        """A figure over all days of it."""
        return sum((each.figure(column) for each in self.energy if held(each)), ZERO)


def rounded(amount: Decimal, unit: Decimal) -> Decimal:
    """To the currency's smallest unit, half away from zero, as bills do."""
    return amount.quantize(unit, ROUND_HALF_UP)


def lines(segment: Segment) -> list[Line]:
    """All lines of the bill, taxes last, amounts rounded."""
    unit = segment.tariff.unit
    found = [_rounded(line, unit) for line in _charges(segment)]
    return found + [_rounded(line, unit) for line in taxes(segment.tariff, found)]


def _rounded(line: Line, unit: Decimal) -> Line:
    return Line(line.kind, line.label, line.quantity, line.unit, line.price, rounded(line.amount, unit))


def _charges(segment: Segment) -> Iterator[Line]:
    yield from _energy(segment)
    yield from _tiers(segment)
    yield from _surcharges(segment)
    yield from _market(segment)
    yield from (_fixed(fixed, segment) for fixed in segment.tariff.fixed)
    yield from _demands(segment)
    yield from (_reactive(each, segment) for each in segment.tariff.reactive)
    yield from _feed_in(segment)


def _energy(segment: Segment) -> Iterator[Line]:
    for band in segment.tariff.bands:
        mine = [each for each in segment.energy if each.band == band.name and each.known("import_kwh")]
        if mine:
            kwh = sum((each.figure("import_kwh") for each in mine), ZERO)
            yield Line("energy", band.name, kwh, "kWh", band.price, kwh * band.price)


def _feed_in(segment: Segment) -> Iterator[Line]:
    for band in segment.tariff.bands:
        kwh = segment.total("export_kwh", lambda each, name=band.name: each.band == name)  # type: ignore[misc]
        if kwh and band.feed_in:
            yield Line("feed_in", band.name, kwh, "kWh", -band.feed_in, -kwh * band.feed_in)
    if segment.tariff.market and segment.tariff.market.feed_in:
        kwh = segment.total("export_kwh") - segment.total("unpriced_export_kwh")
        yield _of(-segment.total("market_export"), kwh, "feed_in", "market price")


def _of(amount: Decimal, kwh: Decimal, kind: str, label: str) -> Line:
    """A sum of many prices; the one that is told is their mean."""
    return Line(kind, label, kwh, "kWh", (amount / kwh).quantize(MILLIONTH) if kwh else ZERO, amount)


def _tiers(segment: Segment) -> Iterator[Line]:
    for label, kwh, price in split(segment.tariff.tiers, ZERO, segment.total("import_kwh")):
        yield Line("tier", label, kwh, "kWh", price, kwh * price)


def _surcharges(segment: Segment) -> Iterator[Line]:
    for each in segment.tariff.surcharges:
        if any(map(each.holds, segment.days)):
            kwh = sum((e.figure("import_kwh") for e in segment.energy if each.holds(e.day)), ZERO)
            yield Line("surcharge", each.name, kwh, "kWh", each.price, kwh * each.price)


def _market(segment: Segment) -> Iterator[Line]:
    if segment.tariff.market:
        kwh = segment.total("import_kwh") - segment.total("unpriced_kwh")
        yield _of(segment.total("market_import"), kwh, "market", "market price")


def _fixed(fixed: Fixed, segment: Segment) -> Line:
    days = len(segment.days)
    if fixed.per == "day":
        return Line("fixed", fixed.name, Decimal(days), "d", fixed.price, days * fixed.price)
    share = Decimal(days) / segment.month_days
    return Line(
        "fixed", fixed.name, share.quantize(MILLIONTH), "month", fixed.price, fixed.price * days / segment.month_days
    )


def _demands(segment: Segment) -> Iterator[Line]:
    for demand in segment.tariff.demands:
        peaks = [e.figure("peak_kw") for e in segment.energy if _in(e, demand.bands) and e.known("peak_kw")]
        if peaks:
            kw = max(max(peaks) - demand.free_kw, ZERO)
            yield Line("demand", demand.name, kw, "kW", demand.price, kw * demand.price)


def _in(energy: Energy, bands: Iterable[str]) -> bool:
    return not bands or energy.band in bands


def _reactive(each: Reactive, segment: Segment) -> Line:
    """What is above active energy x tan(arccos(power factor))."""
    allowed = (1 - each.power_factor**2).sqrt() / each.power_factor
    reactive = segment.total("reactive_kvarh", lambda e: _in(e, each.bands))
    active = segment.total("import_kwh", lambda e: _in(e, each.bands))
    excess = max((reactive - active * allowed).quantize(MILLIONTH, ROUND_HALF_UP), ZERO)
    return Line("reactive", each.name, excess, "kvarh", each.price, excess * each.price)


def taxes(tariff: Tariff, charged: Sequence[Line]) -> Iterator[Line]:
    """Each tax on what it is on; those inside the sum together make up their percentages of it."""
    inside = sum((tax.percent for tax in tariff.taxes if tax.inside), ZERO)
    for tax in tariff.taxes:
        base = sum((line.amount for line in charged if line.kind in tax.on), ZERO)
        yield Line(TAX, tax.name, base, "", tax.percent, _tax(tax, base, inside))


def _tax(tax: Tax, base: Decimal, inside: Decimal) -> Decimal:
    return base * tax.percent / ((100 - inside) if tax.inside else 100)
