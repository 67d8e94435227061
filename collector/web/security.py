"""Closes what a browser could be talked into: only this page's own files run, and only it may be sent to."""

from __future__ import annotations

from flask import Response

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def closed(response: Response) -> Response:
    """Adds the headers to every answer."""
    response.headers.update(HEADERS)
    return response
