"""Declares `[[tariff]]` and the tables in it: every key, its type, range and meaning, in pydantic's terms."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from collector.config.kinds import Amount, Day, Name, Table, Text
from collector.model.holidays import WEEKDAYS
from collector.model.tariff import HOLIDAY, KINDS, ZERO

ONE = Decimal(1)

DAY_WORDS = {"workday": WEEKDAYS[:5], "weekend": WEEKDAYS[5:]}
_DayName = Annotated[str, Field(pattern=f"^({'|'.join((*WEEKDAYS, HOLIDAY, *DAY_WORDS))})$")]
_Clock = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):(00|15|30|45)|24:00)$")]
_Season = Annotated[str, Field(pattern=r"^[0-1][0-9]-[0-3][0-9]/[0-1][0-9]-[0-3][0-9]$")]
_Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
_Kind = Annotated[str, Field(pattern=f"^({'|'.join(KINDS)})$")]
_Label = Annotated[str, Field(min_length=1, max_length=60)]
_Bands = tuple[Name, ...]


class TariffTable(Table):
    """What a kilowatt-hour costs, from a day on. Of several tariffs of a meter the one that began last counts."""

    name: _Label = Field(description="Its name on the page and on bills.")
    valid_from: Day = Field(description="The first day on which it counts.")
    currency: _Currency = Field(description='Three letters (ISO 4217), "EUR", "BRL".')
    meters: tuple[Name, ...] = Field((), strict=False, description="The meters it is for; default: all.")
    billing_day: int = Field(
        1, ge=1, le=28, description="Day of the month on which the utility reads the meter: a bill begins on it."
    )
    decimals: int | None = Field(
        None, ge=0, le=6, description="Digits to which a line of the bill is rounded; default: the currency's."
    )
    holidays: tuple[Text, ...] = Field(
        (), strict=False, description="Calendars of holidays, by name: br, de, fr, nl, pt, us."
    )
    registers: dict[Literal["t1", "t2", "t3", "t4"], Name] = Field(
        {},
        description='Bands that the meter\'s own registers count: `{t1 = "low", t2 = "normal"}`; default: the clock.',
    )
    holiday_dates: tuple[Day, ...] = Field((), strict=False, description="Further holidays.")


class BandTable(Table):
    """A band of the day with a price of its own. The first one that holds counts; the last has no `when`: the rest."""

    name: Name = Field(description="Its name.")
    price: Amount = Field(ZERO, description="For one imported kWh.")
    feed_in: Amount = Field(ZERO, description="Paid for one exported kWh.")


class WhenTable(Table):
    """When a band holds. A window over midnight belongs to the day on which it begins."""

    days: tuple[_DayName, ...] = Field(
        (),
        strict=False,
        description='"mon" to "sun", "workday", "weekend", "holiday"; a holiday is no weekday. Default: every day.',
    )
    begin: _Clock = Field("00:00", alias="from", description="Local time, a quarter of an hour.")
    to: _Clock = Field("24:00", description="Until then.")
    season: _Season | None = Field(None, description='First and last day, every year: "11-01/03-31".')


class TierTable(Table):
    """A price that depends on how much the month has used already; it is added to the band's."""

    up_to: Amount | None = Field(None, gt=0, description="Up to so many kWh of the month; the last tier has none.")
    price: Amount = Field(description="For one kWh.")


class SurchargeTable(Table):
    """A price on top of each imported kWh, for example a levy or a tariff flag."""

    name: _Label = Field(description="Its name on the bill.")
    price: Amount = Field(description="For one kWh.")
    first: Day | None = Field(None, alias="from", description="First day; default: always.")
    last: Day | None = Field(None, alias="to", description="Last day; default: for ever.")


class FixedTable(Table):
    """A sum that is due whatever is used."""

    name: _Label = Field(description="Its name on the bill.")
    price: Amount = Field(description="The sum.")
    per: Literal["day", "month"] = Field("month", description="How often.")


class DemandTable(Table):
    """A price for the highest mean power of a quarter of an hour in the month."""

    name: _Label = Field("demand", description="Its name on the bill.")
    price: Amount = Field(description="For one kW.")
    free_kw: Amount = Field(ZERO, ge=0, description="Only what is above this costs.")
    bands: _Bands = Field((), strict=False, description="Bands in which it is looked for; default: all.")


class ReactiveTable(Table):
    """A price for inductive reactive energy beyond what a power factor allows."""

    name: _Label = Field("reactive energy", description="Its name on the bill.")
    price: Amount = Field(description="For one kvarh.")
    power_factor: Amount = Field(gt=0, le=1, description="The lowest that costs nothing.")
    bands: _Bands = Field((), strict=False, description="Bands in which it counts; default: all.")


class TaxTable(Table):
    """A percentage of other lines of the bill."""

    name: _Label = Field(description="Its name on the bill.")
    percent: Amount = Field(ge=0, lt=100, description="How much.")
    on: tuple[_Kind, ...] = Field(
        (), strict=False, description=f"Of which lines: {', '.join(KINDS)}; default: all of them."
    )
    inside: bool = Field(False, description="The sum it is a part of contains it already: 20 % of 100 net are 25.")


class MarketTable(Table):
    """Prices that change by the hour, from a file or a URL; they are added to the band's."""

    file: Text | None = Field(None, description="CSV or JSON file, relative to this file.")
    url: Annotated[str, Field(pattern=r"^https?://[^\s]{1,500}$")] | None = Field(
        None, description="Where they are fetched from, every hour."
    )
    time_column: Text = Field("time", description="The column or key of when a price begins.")
    price_column: Text = Field("price", description="The column or key of the price.")
    per: Literal["kWh", "MWh"] = Field("kWh", description="What the price is for.")
    factor: Amount = Field(ONE, description="What it is multiplied by.")
    add: Amount = Field(ZERO, description="What is added, for one kWh.")
    feed_in: bool = Field(False, description="Exported energy is paid by it, too.")


#: `[[tariff]]` and the tables in it, as their headings are written.
TARIFF: dict[str, type[Table]] = {
    "tariff": TariffTable,
    "tariff.band": BandTable,
    "tariff.band.when": WhenTable,
    "tariff.tier": TierTable,
    "tariff.surcharge": SurchargeTable,
    "tariff.fixed": FixedTable,
    "tariff.demand": DemandTable,
    "tariff.reactive": ReactiveTable,
    "tariff.tax": TaxTable,
    "tariff.market": MarketTable,
}
