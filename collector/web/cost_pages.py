"""Answers about energy and cost: a page for people, JSON and CSV for programs, all from the same rows."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from collector.model.insight import ResultRow
from collector.web.cost_data import FIGURES, Asked, Row, bills, period_of
from collector.web.cost_view import asked_span, cost_view, rows_of
from collector.web.site import Site, site

costs = Blueprint("costs", __name__)

Json = dict[str, Any]


def _asked(here: Site) -> Asked:
    meter = here.meter(request.args.get("meter"))
    tariffs = [tariff for tariff in here.settings.tariffs if tariff.covers(meter.name)]
    return Asked(meter.name, tariffs, here.zone, here.live.snapshot().now)


@costs.get("/energy")
def energy() -> Response:
    """What energy was used, and what it costs."""
    here = site()
    if not here.meters:
        return make_response(render_template("empty.html"))
    asked = _asked(here)
    unit, span = asked_span(request.args, asked)
    view = here.access.ask(lambda store: cost_view(store, asked, unit, span))
    response = make_response(render_template("energy.html", view=view))
    response.headers["Cache-Control"] = "no-cache"
    return response


@costs.get("/api/energy")
def api_energy() -> Response:
    """The hours of a day, the days of a month or the months of a year, by tariff band."""
    here = site()
    asked = _asked(here)
    unit, span = asked_span(request.args, asked)
    rows = here.access.ask(lambda store: rows_of(store, asked, unit, span))
    return _fresh(
        {"meter": asked.meter, "unit": unit, "from": span.start, "to": span.end, "rows": list(map(_row, rows))}
    )


@costs.get("/api/bill")
def api_bill() -> Response:
    """The bills of a month, line by line."""
    here = site()
    asked = _asked(here)
    _, span = asked_span({**request.args, "unit": "month"}, asked)
    found = here.access.ask(lambda store: bills(store, asked.meter, period_of(span.start, "month", asked.zone)))
    made = [{**_plain(each.bill), "lines": [_plain(line) for line in each.lines]} for each in found]
    return _fresh({"meter": asked.meter, "from": span.start, "to": span.end, "bills": made})


@costs.get("/api/energy.csv")
def energy_csv() -> Response:
    """The same as /api/energy as CSV: a line for each period and band."""
    here = site()
    asked = _asked(here)
    unit, span = asked_span(request.args, asked)
    rows = here.access.ask(lambda store: rows_of(store, asked, unit, span))
    response = Response(_csv(asked, rows), content_type="text/csv; charset=utf-8; header=present")
    begin = datetime.fromtimestamp(span.start / 1000, asked.zone)
    name = re.sub(r"[^A-Za-z0-9_-]", "_", f"{here.settings.site.name}-{asked.meter}-energy-{begin:%Y-%m-%d}-{unit}")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _fresh(body: Json) -> Response:
    response = make_response(body)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _row(row: Row) -> Json:
    bands = {name: {key: _number(value) for key, value in band.items()} for name, band in row.bands.items()}
    return {
        "from": row.start,
        "to": row.end,
        **{name: _number(row.total(name)) for name in FIGURES},
        "bands": bands,
        "cost": {currency: _number(amount) for currency, amount in row.costs.items()},
        "missing": _number(row.missing),
        "estimated_quarters": row.estimated,
        "unpriced_kwh": _number(row.unpriced),
    }


def _number(value: Decimal | None) -> str | None:
    """Exact decimals travel as text: a number of JSON is a binary fraction to most who read it."""
    return None if value is None else f"{value:f}"


def _plain(row: ResultRow) -> Json:
    return {name: _number(value) if isinstance(value, Decimal) else value for name, value in row.items()}


def _csv(asked: Asked, rows: list[Row]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["from", "to", "band", "import [kWh]", "export [kWh]", "reactive [kvarh]", "cost", "currency",
                     "missing share"])  # fmt: skip
    for row in rows:
        times = [datetime.fromtimestamp(at / 1000, asked.zone).isoformat() for at in (row.start, row.end)]
        for name, band in row.bands.items():
            writer.writerow([*times, name, *(_number(band[key]) for key in FIGURES), None, None, None])
        for currency, amount in row.costs.items() or [("", None)]:
            whole = [_number(row.total(key)) for key in FIGURES]
            writer.writerow([*times, "all", *whole, _number(amount), currency, f"{row.missing:.4f}"])
    return buffer.getvalue()
