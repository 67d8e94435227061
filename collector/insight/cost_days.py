"""Tells what each day costs: all that depends on a day's own energy, and its share of what is due for the month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from collector.insight.bill_lines import Energy, Line, Segment, taxes
from collector.insight.tiers import split
from collector.model.tariff import ZERO, Tariff

#: What sums are kept to.
KEPT = Decimal("0.000000000001")

#: (kind, label) -> (quantity, amount).
Items = Mapping[tuple[str, str], tuple[Decimal, Decimal]]


def cost_days(segment: Segment) -> Iterator[tuple[date, Items]]:
    """The items of each day, not rounded. Demand and reactive energy are the month's: they stand on its bill only.

    Tiers fill up day by day, so that a day in which the month reaches the next one costs more.
    """
    by_day: dict[date, list[Energy]] = {day: [] for day in segment.days}
    for energy in segment.energy:
        by_day.setdefault(energy.day, []).append(energy)
    used = ZERO
    for day, mine in sorted(by_day.items()):
        charges = [
            *energy_charges(segment.tariff, day, mine),
            *_tiers(segment.tariff, used, mine),
            *_fixed(segment.tariff, segment.month_days),
        ]
        used += sum((each.figure("import_kwh") for each in mine), ZERO)
        yield day, _added([*charges, *taxes(segment.tariff, charges)])


def _added(charges: list[Line]) -> Items:
    found: dict[tuple[str, str], tuple[Decimal, Decimal]] = defaultdict(lambda: (ZERO, ZERO))
    for line in charges:
        quantity, amount = found[line.kind, line.label]
        found[line.kind, line.label] = (quantity + line.quantity, amount + line.amount.quantize(KEPT))
    return found


def _tiers(tariff: Tariff, used: Decimal, mine: list[Energy]) -> Iterator[Line]:
    kwh = sum((each.figure("import_kwh") for each in mine), ZERO)
    for label, part, price in split(tariff.tiers, used, kwh):
        yield Line("tier", label, part, "kWh", price, part * price)


def energy_charges(tariff: Tariff, day: date, mine: Sequence[Energy]) -> Iterator[Line]:
    """What energy costs by its bands, its surcharges and the market, less what is fed in."""
    prices = {band.name: band for band in tariff.bands}
    for each in mine:
        kwh, out, band = each.figure("import_kwh"), each.figure("export_kwh"), prices[each.band]
        if each.known("import_kwh"):
            yield Line("energy", each.band, kwh, "kWh", band.price, kwh * band.price)
        if out and band.feed_in:
            yield Line("feed_in", each.band, out, "kWh", -band.feed_in, -out * band.feed_in)
        if each.known("market_import"):
            priced = kwh - each.figure("unpriced_kwh")
            yield Line("market", "market price", priced, "kWh", ZERO, each.figure("market_import"))
        if each.known("market_export"):
            priced = out - each.figure("unpriced_export_kwh")
            yield Line("feed_in", "market price", priced, "kWh", ZERO, -each.figure("market_export"))
        for surcharge in tariff.surcharges:
            if surcharge.holds(day):
                yield Line("surcharge", surcharge.name, kwh, "kWh", surcharge.price, kwh * surcharge.price)


def _fixed(tariff: Tariff, month_days: int) -> Iterator[Line]:
    for fixed in tariff.fixed:
        share = fixed.price if fixed.per == "day" else fixed.price / month_days
        yield Line("fixed", fixed.name, Decimal(1), "d", share, share)
