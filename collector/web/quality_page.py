"""Serves the room "quality & advice", and the same for programs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from collector.insight.quality.advice import advise
from collector.insight.quality.assess import Verdict
from collector.web.listing import listing
from collector.web.pages import page, seen_now
from collector.web.quality_view import asked, facts, quality_view, said
from collector.web.site import site

quality = Blueprint("quality", __name__)


@quality.get("/quality")
def show() -> Response:
    """What a day, week or month was like."""
    here, now = site(), seen_now().snapshot.now
    if not here.meters:
        return page("empty.html")
    want = asked(request.args, here.meter(request.args.get("meter")), now, here.zone)
    return page("quality.html", view=here.access.ask(lambda store: quality_view(store, want, now, here.zone)))


@quality.get("/api/quality")
def verdicts() -> Response:
    """The limits of a period, each with what lies inside; and the advice."""
    here, now = site(), site().live.snapshot().now
    want = asked(request.args, here.meter(request.args.get("meter")), now, here.zone)
    known, figures, _ = here.access.ask(lambda store: facts(store, want))
    rows = [_limit(verdict) for verdict in known.verdicts]
    advice = [
        {"code": each.code, "level": each.level, "meaning": told.meaning, "action": told.action}
        for each, told in ((each, said(each)) for each in (advise(known) if known.verdicts else ()))
    ]
    told = [
        {"figure": each.name, "mean": each.mean, "lowest": each.low, "highest": each.high, "p5": each.p5,
         "p95": each.p95, "method": each.method}
        for each in figures
    ]  # fmt: skip
    span = {"from": want.start, "to": want.end, "profile": known.profile.name}
    return listing("limits", rows, advice=advice, figures=told, **span)


def _limit(verdict: Verdict) -> dict[str, Any]:
    return {
        "figure": verdict.figure,
        "low": verdict.limit.low,
        "high": verdict.limit.high,
        "share": verdict.limit.share,
        "expected": verdict.expected,
        "measured": verdict.measured,
        "inside": verdict.inside,
        "good": verdict.good,
        "source": verdict.limit.source,
    }
