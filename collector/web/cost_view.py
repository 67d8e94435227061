"""Prepares the room "energy & cost": the bill of a month, what it compares with, and a table of periods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urlencode

from collector.errors import UsageError
from collector.insight.bill import FORECAST, WEEKDAYS
from collector.model import calendar
from collector.model.insight import Period, Stored
from collector.model.tariff import ZERO, tariff_of
from collector.web.cost_data import (
    Asked,
    BillOf,
    Row,
    bills,
    days,
    hours,
    months,
    period_of,
    plus,
    totals,
)
from collector.web.history_view import Link
from collector.web.language import gettext, language, marked, ngettext
from collector.web.span import instant
from collector.web.wording import MINUS, MISSING, THIN

UNITS = ("day", "month", "year")
#: What a table of this unit has a line for.
STEPS = {"day": "hour", "month": "day", "year": "month"}
_UNITS = {"day": marked("Day"), "month": marked("Month"), "year": marked("Year")}
_STEPS = {"hour": marked("Hour"), "day": marked("Day"), "month": marked("Month")}
_MAKE = {"day": hours, "month": days, "year": months}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. `share`: how long its bar is, 0 to 100; `note`: what is not known of it."""

    name: str
    href: str | None
    bands: Sequence[str]
    imported: str
    exported: str
    reactive: str
    cost: str
    share: float
    note: str


@dataclass(frozen=True, slots=True)
class BillView:
    """A month's bill by one tariff, as it is printed; `span`: from which day to which."""

    tariff: str
    span: str
    currency: str
    total: str
    expected: str | None
    by: str
    lines: Sequence[tuple[str, str, str, str, str]]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class CostView:
    """All that the template shows."""

    meter: str
    unit: str
    step: str
    title: str
    month: str
    units: Sequence[Link]
    before: str
    after: str | None
    csv: str
    prices: str
    bills: Sequence[BillView]
    compared: Sequence[tuple[str, str, str]]
    bands: Sequence[str]
    exports: bool
    reactive: bool
    costs: bool
    rows: Sequence[Line]
    sums: Line


def asked_span(arguments: Mapping[str, str], asked: Asked) -> tuple[str, Period]:
    """Which unit, and which period of it; UsageError says what is wrong."""
    unit = arguments.get("unit", "month")
    if unit not in UNITS:
        raise UsageError(f"unit: there is no {unit[:20]!r}", f"one of {', '.join(UNITS)}")
    at = instant(arguments["at"], "at", asked.zone) if "at" in arguments else asked.now
    return unit, period_of(at, unit, asked)


def rows_of(stored: Stored, asked: Asked, unit: str, span: Period) -> list[Row]:
    """The lines of the table."""
    return _MAKE[unit](stored, asked, span)


def cost_view(stored: Stored, asked: Asked, unit: str, span: Period) -> CostView:
    """The room as of now."""
    rows = rows_of(stored, asked, unit, span)
    bands = _bands(asked, rows)
    most = max((row.total("import_kwh") or ZERO for row in rows), default=ZERO)
    # Another length of time, and the bill, are those that the end of this one lies in.
    at = min(span.end - 1, max(asked.now, span.start))
    month = period_of(at, "month", asked)
    every = Row(span.start, span.end, sum(row.expected for row in rows))
    for row in rows:
        _add(every, row)
    return CostView(
        meter=asked.meter,
        unit=unit,
        step=gettext(_STEPS[STEPS[unit]]),
        title=_title(asked, span, unit),
        month=_title(asked, month, "month"),
        units=[Link(gettext(_UNITS[each]), _href(asked, each, at), each == unit) for each in UNITS],
        before=_href(asked, unit, span.start - 1),
        after=_href(asked, unit, span.end) if span.end <= asked.now else None,
        csv="/api/energy?" + urlencode({"meter": asked.meter, "unit": unit, "at": span.start, "format": "csv"}),
        prices=_prices(stored, asked),
        bills=[_bill(asked, each, month) for each in bills(stored, asked.meter, month)],
        compared=_compared(stored, asked, month),
        bands=bands,
        exports=any(row.total("export_kwh") for row in rows),
        reactive=any(row.total("reactive_kvarh") for row in rows),
        costs=any(row.costs for row in rows),
        rows=[_line(asked, unit, bands, row, most) for row in rows],
        sums=_line(asked, unit, bands, every, most),
    )  # fmt: skip


def _prices(stored: Stored, asked: Asked) -> str:
    """What keeps the market's prices away, if anything does."""
    tariff = tariff_of(asked.tariffs, asked.meter, calendar.local_date(asked.now, asked.zone))
    known = stored.price_list(tariff.market.source) if tariff and tariff.market else None
    if tariff is None or known is None or known.failing is None:
        return ""
    since = _local(asked, known.failing)
    values = {"day": language().date(since), "time": language().time(since), "why": known.problem}
    text = gettext(
        "The prices of %(tariff)s cannot be read since %(day)s, %(time)s: %(why)s.", tariff=tariff.name, **values
    )
    return " ".join((text, gettext("Energy without a price is not in the sum.")))


def _add(every: Row, row: Row) -> None:
    for name, band in row.bands.items():
        mine = every.bands.setdefault(name, dict.fromkeys(band))
        for figure, value in band.items():
            mine[figure] = plus(mine[figure], value)
    every.quarters += row.quarters
    every.estimated += row.estimated
    every.unpriced += row.unpriced
    for currency, amount in row.costs.items():
        every.costs[currency] = every.costs.get(currency, ZERO) + amount


def _bands(asked: Asked, rows: Sequence[Row]) -> list[str]:
    """The bands that occur, in the order of the tariffs; none where there is but one."""
    seen = {name for row in rows for name in row.bands}
    order = [band.name for tariff in asked.tariffs for band in tariff.bands]
    found = sorted(seen, key=lambda name: order.index(name) if name in order else len(order))
    return found if len(found) > 1 else []


def _href(asked: Asked, unit: str, at: int) -> str:
    return "/energy?" + urlencode({"meter": asked.meter, "unit": unit, "at": at})


def _line(asked: Asked, unit: str, bands: Sequence[str], row: Row, most: Decimal) -> Line:
    step = STEPS[unit]
    imported = row.total("import_kwh")
    return Line(
        name=_name(row, step, asked),
        href=_href(asked, step, row.start) if step in UNITS else None,
        bands=[energy(row.bands[name]["import_kwh"]) if name in row.bands else "" for name in bands],
        imported=energy(imported),
        exported=energy(row.total("export_kwh")),
        reactive=energy(row.total("reactive_kvarh")),
        cost="; ".join(money(amount, currency) for currency, amount in row.costs.items()) or MISSING,
        share=float(max(imported or ZERO, ZERO) / most * 100) if most else 0.0,
        note="; ".join(_notes(row)),
    )


def _local(asked: Asked, moment: int) -> datetime:
    return datetime.fromtimestamp(moment / 1000, asked.zone)


def _title(asked: Asked, span: Period, unit: str) -> str:
    moment = _local(asked, span.start)
    if unit == "year":
        return str(moment.year)
    return _month(asked, span.start, span.end, language().date) if unit == "month" else language().date(moment, "full")


def _month(asked: Asked, start: int, end: int, written: Callable[[datetime], str]) -> str:
    """A month by its name; one from bill to bill by its first and last day."""
    if (start, end) == calendar.local_month(start, asked.zone):
        return language().month(_local(asked, start))
    return f"{written(_local(asked, start))} – {written(_local(asked, end - 1))}"


def _name(row: Row, step: str, asked: Asked) -> str:
    if step == "month":
        return _month(asked, row.start, row.end, language().day)
    moment = _local(asked, row.start)
    return language().time(moment) if step == "hour" else language().day(moment)


def _notes(row: Row) -> list[str]:
    """What is not known, or only estimated; nothing of this is counted as 0."""
    notes = []
    if row.missing:
        notes.append(gettext("%(share)s missing", share=percent(row.missing)))
    if row.estimated and row.quarters:
        share = percent(Decimal(row.estimated) / row.quarters)
        notes.append(gettext("%(share)s spread over a gap", share=share))
    if row.unpriced:
        notes.append(gettext("%(energy)s kWh without a price: not in the sum", energy=energy(row.unpriced)))
    return notes


def _bill(asked: Asked, each: BillOf, month: Period) -> BillView:
    bill = each.bill
    row = Row(month.start, month.end, int(str(bill["expected_quarters"])))
    row.quarters, row.estimated = int(str(bill["quarters"])), int(str(bill["estimated"]))
    row.unpriced = Decimal(str(bill["unpriced_kwh"]))
    currency, expected = str(bill["currency"]), bill["expected"]
    begin = language().date(_local(asked, int(str(bill["time"]))))
    return BillView(
        tariff=str(bill["tariff"]),
        span=ngettext("from %(day)s, %(num)s day", "from %(day)s, %(num)s days", int(str(bill["days"])), day=begin),
        currency=currency,
        total=money(Decimal(str(bill["total"])), currency),
        expected=None if expected is None else money(Decimal(str(expected)), currency),
        by=gettext(_BY.get(str(bill["expected_by"]), "")),
        lines=[
            (
                f"{gettext(_KINDS[str(line['kind'])])}: {_own(line['label'])}",
                amount(line["quantity"]),
                _own(line["unit"]),
                amount(line["price"]) + (" %" if line["kind"] == "tax" else ""),
                money(Decimal(str(line["amount"])), currency),
            )
            for line in each.lines
        ],
        notes=_notes(row),
    )


#: What a bill calls by words of ours; everything else is named by the tariff, or is a unit.
_OURS = (marked("market price"), marked("month"), marked("demand"), marked("reactive energy"))


def _own(word: object) -> str:
    return gettext(str(word)) if word in _OURS else str(word)


#: By what a bill's end is expected.
_BY = {
    FORECAST: marked("by the forecast of the energy until then"),
    WEEKDAYS: marked("each day to come like the same weekdays of the last four weeks"),
}
_KINDS = {
    "energy": marked("Energy"), "tier": marked("Tier"), "surcharge": marked("Surcharge"), "market": marked("Market"),
    "fixed": marked("Fixed"), "demand": marked("Demand"), "reactive": marked("Reactive"), "tax": marked("Tax"),
    "feed_in": marked("Fed in"),
}  # fmt: skip


def _compared(stored: Stored, asked: Asked, month: Period) -> list[tuple[str, str, str]]:
    """(which, what it cost, how this month's so far compares) of last month and the same month last year."""
    mine = totals(stored, asked.meter, month)
    last_year = calendar.midnight(_a_year_before(calendar.local_date(month.start, asked.zone)), asked.zone)
    found = []
    for name, at in (
        (marked("The month before"), month.start - 1),
        (marked("The same month a year before"), last_year),
    ):
        other = totals(stored, asked.meter, period_of(at, "month", asked))
        for currency, cost in other.items():
            share = percent(mine[currency] / cost) if currency in mine and cost > 0 else MISSING
            found.append((gettext(name), money(cost, currency), share))
    return found


def _a_year_before(day: date) -> date:
    """The same day; the 28th for a leap day."""
    return day.replace(year=day.year - 1, day=min(day.day, 28))


def energy(value: Decimal | None) -> str:
    """kWh with three digits, so that a watt-hour is seen."""
    return MISSING if value is None else _figure(value.quantize(Decimal("0.001"), ROUND_HALF_UP))


def money(value: Decimal, currency: str) -> str:
    """A sum with its currency; rounded for the eye."""
    digits = Decimal(1) if value.as_tuple().exponent == 0 else Decimal("0.01")
    return f"{_figure(value.quantize(digits, ROUND_HALF_UP))} {currency}"


def amount(value: object) -> str:
    """A quantity or price with the digits that it has."""
    if value is None:
        return MISSING
    text = f"{Decimal(str(value)):f}"
    return _figure(Decimal(text.rstrip("0").rstrip(".") if "." in text else text))


def percent(share: Decimal) -> str:
    """A share, in whole percent, but never 0 % of something."""
    found = (share * 100).quantize(Decimal(1), ROUND_HALF_UP)
    return f"{found} %" if found or not share else gettext("under 1 %%") % ()


def _figure(value: Decimal) -> str:
    whole, _, rest = f"{abs(value):f}".partition(".")
    groups = f"{int(whole):,}".replace(",", THIN) if len(whole) > 4 else whole
    return (MINUS if value < 0 else "") + groups + (f"{language().decimal_mark}{rest}" if rest else "")
