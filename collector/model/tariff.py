"""Says what a tariff is: when its bands hold, and everything that a bill by it consists of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from collector.model.holidays import WEEKDAYS

ZERO = Decimal(0)
MILLIONTH = Decimal("0.000001")
HOLIDAY = "holiday"
#: What a charge can be about: the kinds of the lines of a bill but taxes, in the order of the bill.
KINDS = ("energy", "tier", "surcharge", "market", "fixed", "demand", "reactive", "feed_in")
TAX = "tax"
#: Digits behind the point of currencies that have no hundredths (ISO 4217).
_DIGITS = {**dict.fromkeys(("CLP", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"), 0),
           **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "OMR", "TND"), 3)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Window:
    """When a band holds: on these days of these seasons, from `begin` to `end` (minutes of local time).

    A window over midnight belongs to the day on which it begins. `season`: (month, day) of its first and last day.
    """

    days: frozenset[str] = frozenset((*WEEKDAYS, HOLIDAY))
    begin: int = 0
    end: int = 1440
    season: tuple[tuple[int, int], tuple[int, int]] | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """A price per imported kWh, and one for an exported kWh; without windows it holds whenever no other band does."""

    name: str
    price: Decimal = ZERO
    feed_in: Decimal = ZERO
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class Tier:
    """A price per kWh, added to the band's, up to so many kWh of a month; None: whatever comes above the others."""

    price: Decimal
    up_to: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Surcharge:
    """A price per imported kWh on top, from one date to another."""

    name: str
    price: Decimal
    first: date | None = None
    last: date | None = None

    def holds(self, day: date) -> bool:
        """Whether it is due on this day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Fixed:
    """A sum for each day or month, whatever is used."""

    name: str
    price: Decimal
    per: str = "month"


@dataclass(frozen=True, slots=True)
class Demand:
    """A price per kW of the month's highest quarter of an hour, beyond `free_kw`; in these bands, or in all."""

    name: str
    price: Decimal
    free_kw: Decimal = ZERO
    bands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reactive:
    """A price per inductive kvarh of the month beyond what this power factor allows; in these bands, or in all."""

    name: str
    price: Decimal
    power_factor: Decimal
    bands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tax:
    """A percentage of the lines of these kinds; `inside`: of the sum that contains it (100 net at 20 % make 125)."""

    name: str
    percent: Decimal
    on: tuple[str, ...] = KINDS
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Market:
    """Prices that change by the hour: where they come from, and what becomes of them: price / `per` * factor + add.

    `file` or `url`: CSV or JSON. `feed_in`: exported energy is paid by them, too.
    """

    source: str
    file: Path | None = None
    url: str | None = None
    time_column: str = "time"
    price_column: str = "price"
    per: Decimal = Decimal(1)
    factor: Decimal = Decimal(1)
    add: Decimal = ZERO
    feed_in: bool = False

    def price(self, market: Decimal) -> Decimal:
        """What a kWh costs when this is the market's price for one, to a millionth of the currency."""
        return (market * self.factor + self.add).quantize(MILLIONTH)


@dataclass(frozen=True, slots=True)
class Tariff:
    """What the energy of these meters costs from a day on; `meters` empty: of all. The last band is the rest.

    `billing_day`: of the month; a bill begins on it.
    """

    name: str
    valid_from: date
    currency: str
    bands: tuple[Band, ...]
    meters: tuple[str, ...] = ()
    billing_day: int = 1
    decimals: int | None = None
    holiday_rules: tuple[str, ...] = ()
    holiday_dates: frozenset[date] = frozenset()
    registers: Mapping[str, str] = field(default_factory=dict)  #: tariff register -> band
    tiers: tuple[Tier, ...] = ()
    surcharges: tuple[Surcharge, ...] = ()
    fixed: tuple[Fixed, ...] = ()
    demands: tuple[Demand, ...] = ()
    reactive: tuple[Reactive, ...] = ()
    taxes: tuple[Tax, ...] = ()
    market: Market | None = None

    def __hash__(self) -> int:
        return hash((self.name, self.valid_from, self.meters))

    @property
    def unit(self) -> Decimal:
        """The smallest sum of its currency: what lines of a bill are rounded to."""
        digits = _DIGITS.get(self.currency, 2) if self.decimals is None else self.decimals
        return Decimal(1).scaleb(-digits)

    def covers(self, meter: str) -> bool:
        """Whether it is this meter's."""
        return not self.meters or meter in self.meters


def fingerprint(tariffs: Sequence[Tariff]) -> str:
    """The same text for the same tariffs, in every process."""
    return json.dumps([asdict(tariff) for tariff in tariffs], sort_keys=True, default=_plain)


def _plain(value: object) -> object:
    return sorted(map(str, value)) if isinstance(value, frozenset) else str(value)


def tariff_of(tariffs: Sequence[Tariff], meter: str, day: date) -> Tariff | None:
    """The tariff of a meter on a day: of those that cover it, the one that began last."""
    found = [tariff for tariff in tariffs if tariff.valid_from <= day and tariff.covers(meter)]
    return max(found, key=lambda tariff: tariff.valid_from, default=None)
