"""Answers programs: the newest values, series, meters, health, events and CSV, as static/openapi.json says."""

from __future__ import annotations

import itertools
import re
import zlib

from flask import Blueprint, Response, make_response, request

from collector.model.account import Role
from collector.model.series import Resolution
from collector.web import answers, csv_lines
from collector.web.health import health
from collector.web.listing import CROWD, listing, page_of, tagged
from collector.web.login.gate import requires
from collector.web.openapi import described
from collector.web.question import Question, limit, question
from collector.web.site import Site, site
from collector.web.span import instant
from collector.web.verdict import Level

api = Blueprint("api", __name__)


def _fresh(body: answers.Json, status: int = 200) -> Response:
    return tagged(make_response(body, status))


@api.get("/api/live")
def live() -> Response:
    """The newest values; 304 while nothing has changed."""
    here = site()
    names = request.args.getlist("meter")
    full = [here.meter(name).name for name in names] if names else list(here.meters)
    now = here.now()
    response = make_response(answers.live(now, here.meters, full))
    response.headers["Cache-Control"] = "no-cache"
    judged = now.verdict
    response.set_etag(f"{now.snapshot.mark}-{judged.level}-{judged.more}-{zlib.crc32(judged.line.encode()):x}")
    response.make_conditional(request)
    return response


def _question(here: Site, now: int, streamed: bool = False) -> Question:
    meter = here.meter(request.args.get("meter"))
    return question(request.args, meter, here.settings.store, now, streamed)


@api.get("/api/series")
def series() -> Response:
    """Stored values of one meter, as fine as fits in a chart."""
    here = site()
    now = here.live.snapshot().now
    asked = _question(here, now)
    return _fresh(answers.series(here.series(asked, now), asked.quantities, asked.span, asked.meter.every))


@api.get("/api/meters")
def meters() -> Response:
    """The configured meters."""
    return listing("meters", answers.meters(site().meters)["meters"])


@api.get("/api/quantities")
def quantities() -> Response:
    """The closed list of quantities."""
    return listing("quantities", answers.quantities()["quantities"])


@api.get("/api/health")
def api_health() -> Response:
    """Everything the health page shows."""
    return _fresh(health(site()).to_json())


def _events(page: bool) -> Response:
    count, text = limit(request.args), request.args.get("before")
    before = instant(text, "before") if text is not None else None
    found = site().access.ask(lambda store: store.events(count + CROWD, before, page=page))
    shown, after = page_of(found, count)
    return listing("events", answers.events(shown)["events"], next=after)


@api.get("/api/events")
def events() -> Response:
    """What happened, the newest first."""
    return _events(page=False)


@api.get("/api/audit")
@requires(Role.ADMIN)
def audit() -> Response:
    """What people did at the page, the newest first."""
    return _events(page=True)


@api.get("/api/sums")
def sums() -> Response:
    """Energy of today, yesterday and this month."""
    here = site()
    meter, now = here.meter(request.args.get("meter")), here.live.snapshot().now
    return listing("sums", [answers.summed(each) for each in here.sums(meter, now)])


@api.get("/api/export.csv")
def export() -> Response:
    """The same as /api/series, of any length for `resolution=raw`, streamed as CSV."""
    here = site()
    now = here.live.snapshot().now
    asked = _question(here, now, streamed=True)
    name, names, span = asked.meter.name, asked.quantities, asked.span
    if asked.resolution is Resolution.RAW:
        rows = here.access.ask(lambda s: s.rows(name, names, span.start, span.end))
        lines = csv_lines.readings(rows, names, here.zone)
    else:
        lines = csv_lines.rollups(here.series(asked, now), names, here.zone)
    # The first piece is made here, so that a store that is down gives an error and not half a file.
    first = next(lines)
    response = Response(itertools.chain([first], lines), content_type="text/csv; charset=utf-8; header=present")
    file = re.sub(r"[^A-Za-z0-9_-]", "_", f"{here.settings.site.name}-{name}-{asked.resolution.value}")
    response.headers["Content-Disposition"] = f'attachment; filename="{file}.csv"'
    return response


@api.get("/api/openapi.json")
def openapi() -> Response:
    """This API, described."""
    return _fresh(described())


@api.get("/healthz")
def healthz() -> Response:
    """For watching programs: 200 while nothing is wrong, else 503 and what is."""
    judged = site().now().verdict
    return _fresh({"level": judged.level.word, "line": judged.line}, 503 if judged.level is Level.WRONG else 200)
