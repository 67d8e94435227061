"""Answers people: the pages now, history and health, complete without a script; scripts keep them current."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, g, make_response, render_template, request

from collector.errors import StoreError
from collector.web import answers
from collector.web.alert_words import alert_text
from collector.web.energy import Sums
from collector.web.health import health
from collector.web.history_view import history_view
from collector.web.language import language
from collector.web.login.gate import open_to_all
from collector.web.meters import Expected
from collector.web.negotiation import other_languages
from collector.web.now_view import COLUMNS, STATES, now_view
from collector.web.site import Now, Site, site
from collector.web.spark import LastHour
from collector.web.words import words

pages = Blueprint("pages", __name__)


def seen_now() -> Now:
    """One snapshot per request: head and body of a page tell the same."""
    if "now" not in g:
        g.now = site().now()
    now: Now = g.now
    return now


def about_page() -> dict[str, Any]:
    """What every template may use."""
    here = site()

    def local(moment: int | None) -> str:
        if moment is None:
            return "–"
        at = datetime.fromtimestamp(moment / 1000, here.zone)
        return f"{language().date(at)}, {language().time(at, seconds=True)}"

    return {
        "here": here,
        "asset": here.assets.url,
        "local": local,
        "current": seen_now,
        "states": STATES,
        "language": language(),
        "other_languages": other_languages(language()),
        "words": words(language().code),
    }


def page(template: str, **values: object) -> Response:
    """A page that a browser asks for again each time."""
    response = make_response(render_template(template, **values))
    response.headers["Cache-Control"] = "no-cache"
    return response


def stored(here: Site, meter: Expected, now: int) -> tuple[list[Sums] | None, LastHour | None]:
    """What the page takes from the store's rollups; None each while the store cannot be asked."""
    try:
        hour = here.last_hour(meter, answers.HEADLINE, now) if answers.HEADLINE in meter.periods else None
        return here.sums(meter, now), hour
    except StoreError:
        return None, None


@pages.get("/")
def now() -> Response:
    """What is true now."""
    here, seen = site(), seen_now()
    if not here.meters:
        return page("empty.html")
    meter = here.meter(request.args.get("meter"))
    sums, hour = stored(here, meter, seen.snapshot.now)
    view = now_view(seen.snapshot, here.meters, meter, sums, hour)
    data = answers.live(seen, here.meters, [meter.name])
    return page("now.html", view=view, data=data, columns=[heading for _, heading in COLUMNS])


@pages.get("/history")
def history() -> Response:
    """What was."""
    here = site()
    if not here.meters:
        return page("empty.html")
    meter = here.meter(request.args.get("meter"))
    return page("history.html", view=history_view(request.args, meter, seen_now().snapshot.now, here.zone))


@pages.get("/health")
def health_page() -> Response:
    """Whether the logger is well, and why not."""
    return page("health.html", health=health(site()), told=alert_text)


@pages.get("/static/<version>/<path:name>")
@open_to_all
def static(version: str, name: str) -> Response:
    """A file of ours; a browser may keep it for ever, since its URL changes with its content."""
    here = site()
    asset = here.assets.get(name)
    if asset is None:
        abort(404)
    packed = asset.packed is not None and request.accept_encodings["gzip"] > 0
    response = Response(asset.packed if packed else asset.content, content_type=asset.type)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    known = version == here.assets.version
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if known else "no-cache"
    return response


@pages.get("/favicon.ico")
@open_to_all
def favicon() -> Response:
    """The mark in the browser's tab, for browsers that ask without being told."""
    return static(site().assets.version, "mark.svg")
