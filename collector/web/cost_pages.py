"""Answers about energy and cost: a page for people, JSON and CSV for programs, all from the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, request

from collector.model.insight import ResultRow
from collector.web.cost_data import FIGURES, Asked, Row, bills
from collector.web.cost_view import asked_span, cost_view, rows_of
from collector.web.listing import listing
from collector.web.pages import page
from collector.web.site import Site, site

costs = Blueprint("costs", __name__)

Json = dict[str, Any]


class Exact(Decimal):
    """A decimal that travels as the text of all its digits: a number of JSON is a binary fraction to most readers."""

    def __str__(self) -> str:
        return format(self, "f")


def _asked(here: Site) -> Asked:
    meter = here.meter(request.args.get("meter"))
    tariffs = [tariff for tariff in here.settings.tariffs if tariff.covers(meter.name)]
    return Asked(meter.name, tariffs, here.zone, here.live.snapshot().now)


@costs.get("/energy")
def energy() -> Response:
    """What energy was used, and what it costs."""
    here = site()
    if not here.meters:
        return page("empty.html")
    asked = _asked(here)
    unit, span = asked_span(request.args, asked)
    return page("energy.html", view=here.access.ask(lambda store: cost_view(store, asked, unit, span)))


@costs.get("/api/energy")
def api_energy() -> Response:
    """The hours of a day, the days of a month or the months of a year: each as a whole, then by tariff band."""
    here = site()
    asked = _asked(here)
    unit, span = asked_span(request.args, asked)
    rows = here.access.ask(lambda store: rows_of(store, asked, unit, span))
    told = [each for row in rows for each in _rows(row)]
    return listing("periods", told, **{"meter": asked.meter, "unit": unit, "from": span.start, "to": span.end})


@costs.get("/api/bill")
def api_bill() -> Response:
    """The bills of a month, line by line."""
    here = site()
    asked = _asked(here)
    _, span = asked_span({**request.args, "unit": "month"}, asked)
    found = here.access.ask(lambda store: bills(store, asked.meter, span))
    lines = [_plain(line) for each in found for line in each.lines]
    more = {"meter": asked.meter, "from": span.start, "to": span.end, "bills": [_plain(each.bill) for each in found]}
    return listing("lines", lines, **more)


def _rows(row: Row) -> Iterator[Json]:
    times = {"from": row.start, "to": row.end}
    costs_: list[tuple[str | None, Decimal | None]] = [*row.costs.items()]
    for currency, amount in costs_ or [(None, None)]:
        yield {
            **times, "band": None, **{name: _exact(row.total(name)) for name in FIGURES}, "cost": _exact(amount),
            "currency": currency, "missing": round(float(row.missing), 4), "estimated_quarters": row.estimated,
            "unpriced_kwh": _exact(row.unpriced),
        }  # fmt: skip
    for name, band in row.bands.items():
        if name:
            yield {**times, "band": name, **{key: _exact(value) for key, value in band.items()}}


def _exact(value: Decimal | None) -> Exact | None:
    return None if value is None else Exact(value)


def _plain(row: ResultRow) -> Json:
    return {name: _exact(value) if isinstance(value, Decimal) else value for name, value in row.items()}
