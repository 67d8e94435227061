"""Cuts the energy of a month into the tiers of its tariff."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from collector.model.tariff import ZERO, Tier


def split(tiers: Sequence[Tier], before: Decimal, kwh: Decimal) -> Iterator[tuple[str, Decimal, Decimal]]:
    """(name, kWh, price) of each tier that energy falls into, when so much of the month was used before it."""
    begin, end, low = before, before + kwh, ZERO
    for tier in tiers:
        high = end if tier.up_to is None else tier.up_to
        part = min(end, high) - max(begin, low)
        if part > 0:
            yield name(tier, low), part, tier.price
        low = high


def name(tier: Tier, low: Decimal) -> str:
    """How it is called on a bill, in every language."""
    return f"> {low:f} kWh" if tier.up_to is None else f"≤ {tier.up_to:f} kWh"
