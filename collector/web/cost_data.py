"""Gathers what the room "energy & cost" shows: periods of a day, month or year with their bands, and the bills."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from collector.insight.bill_lines import Energy as BandEnergy
from collector.insight.billing import billing_period
from collector.insight.cost_days import energy_charges
from collector.insight.energy import Energy
from collector.model import calendar
from collector.model.calendar import QUARTER
from collector.model.insight import Period, ResultRow, Stored
from collector.model.tariff import ZERO, Tariff, tariff_of

#: What is added up of each band.
FIGURES = ("import_kwh", "export_kwh", "reactive_kvarh")


@dataclass(slots=True)
class Row:
    """One hour, day or month. A figure that is not known at all is None; `expected`: quarters that there were."""

    start: int
    end: int
    expected: int
    bands: dict[str, dict[str, Decimal | None]] = field(default_factory=dict)
    quarters: int = 0
    estimated: int = 0
    unpriced: Decimal = ZERO
    costs: dict[str, Decimal] = field(default_factory=dict)  #: by currency

    def add(self, row: ResultRow) -> None:
        """A row of `energy_day` that lies in this period."""
        band = self.bands.setdefault(str(row["band"]), dict.fromkeys(FIGURES))
        for name in FIGURES:
            band[name] = plus(band[name], _decimal(row[name]))
        self.quarters += _int(row["quarters"])
        self.estimated += _int(row["estimated"])
        self.unpriced += (_decimal(row["unpriced_kwh"]) or ZERO) + (_decimal(row["unpriced_export_kwh"]) or ZERO)

    def total(self, name: str) -> Decimal | None:
        """A figure over all bands."""
        found: Decimal | None = None
        for band in self.bands.values():
            found = plus(found, band[name])
        return found

    @property
    def missing(self) -> Decimal:
        """The share of the time so far of which nothing is known, 0 to 1."""
        return Decimal(max(self.expected - self.quarters, 0)) / self.expected if self.expected else ZERO


def plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    """The sum of what is known."""
    return other if one is None else one if other is None else one + other


def _decimal(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) else None


def _int(value: object) -> int:
    return int(str(value))


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose energy, by which tariffs, in which zone, as of when (UTC ms)."""

    meter: str
    tariffs: Sequence[Tariff]
    zone: ZoneInfo
    now: int

    def row(self, start: int, end: int) -> Row:
        """An empty period; time to come is not expected yet."""
        return Row(start, end, max(min(end, self.now) - start, 0) // QUARTER)


def hours(stored: Stored, asked: Asked, day: Period) -> list[Row]:
    """The hours of a day, with what their energy costs: without tiers, fixed sums and taxes, which no hour has."""
    steps = range(day.start, day.end, 4 * QUARTER)
    rows = {start: asked.row(start, min(start + 4 * QUARTER, day.end)) for start in steps}
    date_ = calendar.local_date(day.start, asked.zone)
    tariff = tariff_of(asked.tariffs, asked.meter, date_)
    for found in Energy(asked.zone, asked.tariffs).hours(stored, asked.meter, day):
        row = rows[_int(found["time"])]
        row.add(found)
        if tariff:
            charges = energy_charges(tariff, date_, [BandEnergy(date_, found)])
            _spend(row, tariff.currency, sum((line.amount for line in charges), ZERO))
    return list(rows.values())


def _spend(row: Row, currency: str, amount: Decimal) -> None:
    row.costs[currency] = row.costs.get(currency, ZERO) + amount


def days(stored: Stored, asked: Asked, month: Period) -> list[Row]:
    """The days of a month that has begun."""
    spans = [(start, end) for _, start, end in calendar.days(month.start, min(month.end, asked.now + 1), asked.zone)]
    rows = {start: asked.row(start, end) for start, end in spans}
    _fill(rows, stored.results("energy_day", asked.meter, month.start, month.end), lambda time: time)
    for cost in stored.results("cost_day", asked.meter, month.start, month.end):
        if row := rows.get(_int(cost["time"])):
            _spend(row, str(cost["currency"]), _decimal(cost["amount"]) or ZERO)
    return list(rows.values())


def months(stored: Stored, asked: Asked, year: Period) -> list[Row]:
    """The months of a year, from bill to bill, with what they come to."""
    rows: dict[int, Row] = {}
    start = year.start
    while start < min(year.end, asked.now + 1):
        month = period_of(start, "month", asked)
        rows[month.start] = asked.row(month.start, month.end)
        start = month.end

    def month_of(time: int) -> int:
        return period_of(time, "month", asked).start

    _fill(rows, stored.results("energy_day", asked.meter, year.start, year.end), month_of)
    for bill in stored.results("bill", asked.meter, year.start, year.end):
        if row := rows.get(month_of(_int(bill["time"]))):
            _spend(row, str(bill["currency"]), _decimal(bill["total"]) or ZERO)
    return list(rows.values())


def _fill(rows: Mapping[int, Row], found: Iterable[ResultRow], place: Callable[[int], int]) -> None:
    places: dict[int, int] = {}
    for each in found:
        time = _int(each["time"])
        if time not in places:
            places[time] = place(time)
        if row := rows.get(places[time]):
            row.add(each)


@dataclass(frozen=True, slots=True)
class BillOf:
    """A month's bill by one tariff, and its lines."""

    bill: ResultRow
    lines: Sequence[ResultRow]


def bills(stored: Stored, meter: str, month: Period) -> list[BillOf]:
    """The bills of a month: one, or several where the tariff changed within it."""
    lines = stored.results("bill_line", meter, month.start, month.end)
    return [
        BillOf(bill, [line for line in lines if (line["time"], line["tariff"]) == (bill["time"], bill["tariff"])])
        for bill in stored.results("bill", meter, month.start, month.end)
    ]


def totals(stored: Stored, meter: str, month: Period) -> dict[str, Decimal]:
    """Currency -> what a month's bills come to."""
    found: dict[str, Decimal] = {}
    for bill in stored.results("bill", meter, month.start, month.end):
        found[str(bill["currency"])] = found.get(str(bill["currency"]), ZERO) + (_decimal(bill["total"]) or ZERO)
    return found


def period_of(at: int, unit: str, asked: Asked) -> Period:
    """The local day, the month of a bill, or the year of such months that holds this moment."""
    if unit == "day":
        return Period(*calendar.local_day(at, asked.zone))
    month = billing_period(asked.tariffs, asked.meter, at, asked.zone)
    if unit == "month":
        return month
    year = calendar.local_date(month.start, asked.zone).year
    return Period(_first_bill(year, asked), _first_bill(year + 1, asked))


def _first_bill(year: int, asked: Asked) -> int:
    """When the first bill that begins in this year does."""
    new_year = calendar.midnight(date(year, 1, 1), asked.zone)
    month = billing_period(asked.tariffs, asked.meter, new_year, asked.zone)
    return month.start if month.start == new_year else month.end
