"""Closes what a browser could be talked into: only looking is allowed, and only this page's own files run."""

from __future__ import annotations

from flask import Response, request
from werkzeug.exceptions import MethodNotAllowed

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def only_looking() -> None:
    """Refuses every method that could change something."""
    if request.method not in {"GET", "HEAD"}:
        raise MethodNotAllowed(valid_methods=["GET", "HEAD"])


def closed(response: Response) -> Response:
    """Adds the headers to every answer."""
    response.headers.update(HEADERS)
    return response
