"""Serves the room "forecast", and the same for programs."""

from __future__ import annotations

from flask import Blueprint, Response, request

from collector.errors import UsageError
from collector.web.forecast_view import AFTER, BEFORE, asked_quantity, forecast_view, sentence_of, told_between
from collector.web.listing import listing
from collector.web.pages import page, seen_now
from collector.web.site import site
from collector.web.span import instant

forecasts = Blueprint("forecasts", __name__)

#: The longest time that is answered at once, ms.
_LONGEST = 62 * 86_400_000


@forecasts.get("/forecast")
def show() -> Response:
    """What is expected of one quantity, and what was not as usual."""
    here, now = site(), seen_now().snapshot.now
    if not here.meters:
        return page("empty.html")
    meter = here.meter(request.args.get("meter"))
    quantity = asked_quantity(request.args, meter)
    view = here.access.ask(lambda store: forecast_view(store, meter, quantity, now, here.zone))
    return page("forecast.html", view=view)


@forecasts.get("/api/forecast")
def told() -> Response:
    """What is, or was, expected of each hour, with its band."""
    here, now = site(), site().live.snapshot().now
    meter = here.meter(request.args.get("meter"))
    wanted = asked_quantity(request.args, meter) if "quantity" in request.args else None
    start, end = _between(now - BEFORE, now + AFTER)
    rows = here.access.ask(lambda store: told_between(store, meter.name, start, end, wanted))
    return listing("hours", rows)


@forecasts.get("/api/anomalies")
def anomalies() -> Response:
    """What was not as usual."""
    here, now = site(), site().live.snapshot().now
    meter = here.meter(request.args.get("meter"))
    start, end = _between(now + 1 - _LONGEST, now + 1)
    rows = here.access.ask(lambda store: store.results("anomaly", meter.name, start, end))
    return listing("anomalies", [{**row, "text": sentence_of(row, here.zone)} for row in rows])


def _between(start: int, end: int) -> tuple[int, int]:
    given = request.args
    first = instant(given["from"], "from") if "from" in given else start
    last = instant(given["to"], "to") if "to" in given else end
    if not first < last <= first + _LONGEST:
        raise UsageError("from, to: not a time of at most 62 days", "ask for a shorter one")
    return first, last
