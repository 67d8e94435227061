"""Lets programs change what people change on the pages: notice of an alert, an exchanged meter, the label of a picture.

A key needs "read and change"; each change stands among what people did, under the key's name.
"""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, make_response, request

from collector.errors import UsageError
from collector.model.account import Role
from collector.web.alerts_page import take_notice
from collector.web.camera_page import exchange, pictures, put_label
from collector.web.listing import listing
from collector.web.login.forms import LONGEST
from collector.web.login.gate import requires
from collector.web.site import site

changes = Blueprint("changes", __name__)

_change = partial(requires, Role.ADMIN, program=True)


def _text(name: str, longest: int = LONGEST) -> str:
    """One text of the JSON object that was sent; UsageError when it is no such thing."""
    body = request.get_json(silent=True)
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, str) or not value.strip() or len(value) > longest or not value.isprintable():
        raise UsageError(
            f"{name}: is missing, or no text of 1 to {longest} signs", 'send JSON: {"' + name + '": "..."}'
        )
    return value.strip()


def _done(**what: object) -> Response:
    return make_response({"done": True, **what})


@changes.post("/api/alerts/acknowledge")
@_change()
def acknowledge() -> Response:
    """Somebody has taken notice of an alert that lasts: it is not told again until it is over."""
    rule, subject = _text("rule"), _text("subject")
    if not take_notice(site(), rule, subject):
        raise UsageError("no such alert lasts", "/api/alerts lists them: rule and subject")
    return _done(rule=rule, subject=subject)


@changes.get("/api/cameras")
@requires(Role.VIEWER)
def cameras() -> Response:
    """The newest pictures of every meter that a camera reads."""
    rows = [{"meter": meter, **one} for meter, found in pictures().items() for one in found]
    return listing("pictures", rows)


@changes.post("/api/cameras/<meter>/swap")
@_change()
def swap(meter: str) -> Response:
    """Another meter hangs there now: its next reading counts at once."""
    exchange(meter)
    return _done(meter=meter)


@changes.post("/api/cameras/<meter>/<picture>/label")
@_change()
def label(meter: str, picture: str) -> Response:
    """What a person sees on a picture."""
    text = _text("text", 40)
    put_label(meter, picture, text)
    return _done(meter=meter, picture=picture, text=text)
