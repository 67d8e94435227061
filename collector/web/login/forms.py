"""Gives every form its proof that it is ours, and reads its fields: the one way in which the page's forms are made."""

from __future__ import annotations

import re

from flask import Response, make_response, render_template, request
from markupsafe import Markup

from collector.errors import UsageError
from collector.web.language import gettext as _
from collector.web.login.gate import FIELD, csrf_token

#: Longest text of a field that says nothing else.
LONGEST = 200
#: Where to go after a form: a path of this page and nothing else.
_OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")


def csrf_field() -> Markup:
    """The hidden field that every `<form method="post">` holds: `{{ csrf_field() }}`."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, csrf_token())


def field(name: str, longest: int = LONGEST) -> str:
    """One field of the form that was sent, without blanks around it; UsageError when it is missing or too long."""
    value = request.form.get(name, "").strip()
    if not value:
        raise UsageError(_("%(name)s is missing", name=_(name)), _("fill in every field"))
    if len(value) > longest or not value.isprintable():
        said = _("%(name)s is too long, or has signs that cannot be shown", name=_(name))
        raise UsageError(said, _("at most %(count)s characters", count=longest))
    return value


def secret(name: str) -> str:
    """A field exactly as it was typed: a password."""
    return request.form.get(name, "")


def own_path(text: str) -> str:
    """The path if it is one of this page; the first page else, so that no address leads elsewhere."""
    return text if _OWN_PATH.fullmatch(text) else "/"


def form_page(template: str, status: int = 200, **values: object) -> Response:
    """A page with a form, or the form again with what was wrong (`problem`, `hint`)."""
    response = make_response(render_template(template, **values), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def see_other(path: str) -> Response:
    """After a change: the browser looks at a page, and going back or reloading sends nothing again."""
    response = make_response("", 303)
    response.headers["Location"] = own_path(path)
    return response
