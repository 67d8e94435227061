"""Answers what went wrong: JSON with `what` and `hint` to programs, a calm page to people; never a traceback."""

from __future__ import annotations

import logging

from flask import Response, make_response, render_template, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import HTTPException, Unauthorized

from collector.errors import PhaselogError, StoreError, UsageError
from collector.web.language import gettext as _
from collector.web.language import marked

log = logging.getLogger(__name__)

#: What Werkzeug calls the refusals that people meet.
NAMES = (marked("Not Found"), marked("Method Not Allowed"), marked("Request Entity Too Large"), marked("Bad Request"))


def wants_json() -> bool:
    """Whether this path is for programs."""
    return request.path.startswith(("/api/", "/healthz", "/electricity_meter/"))


def answer(status: int, what: str, hint: str) -> Response:
    """The problem as JSON or as a page, whichever this path speaks."""
    if wants_json():
        return make_response({"error": {"what": what, "hint": hint}}, status)
    return make_response(render_template("problem.html", what=what, hint=hint, status=status), status)


def known(error: PhaselogError) -> Response:
    """400 for what the asker can mend, 503 for the store, 500 for the rest."""
    status = 400 if isinstance(error, UsageError) else 503 if isinstance(error, StoreError) else 500
    return answer(status, str(error), error.hint)


def http(error: HTTPException) -> Response:
    """Unknown pages and methods."""
    hint = _("There is no such page.") if error.code == 404 else ""
    own = error.description if error.description != type(error).description else None
    response = answer(error.code or 500, own or _(error.name), hint)
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    if isinstance(error, Unauthorized):
        response.www_authenticate = WWWAuthenticate("bearer")
    return response


def unknown(error: Exception) -> Response:
    """A defect of ours: the log has the traceback, the page does not."""
    log.exception("the page could not answer %s", request.path, exc_info=error)
    return answer(500, _("The page could not answer this."), _("It is a defect; the log says more."))
