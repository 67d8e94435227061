"""Asks a network camera for a picture by HTTP(S) (RFC 9110; basic and digest access, RFC 7617 and 7616)."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from urllib.parse import urlsplit

from ocr.capture.errors import CaptureError
from ocr.capture.login import Login
from ocr.capture.messages import MOST_BYTES, Shot

#: s without a byte.
_SILENCE = 10.0


def frames(url: str, login: Login | None, count: int) -> Iterator[Shot]:
    """`count` pictures, one after the other."""
    opener = _opener(url, login)
    for _ in range(count):
        began = time.time()
        yield Shot(_picture(opener, url), began)


def _opener(url: str, login: Login | None) -> urllib.request.OpenerDirector:
    known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    if login is not None:
        known.add_password(None, url, login.user, login.password)
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPRedirectHandler(),  # to HTTP(S) only: there is no handler for anything else
        urllib.request.HTTPDigestAuthHandler(known),
        urllib.request.HTTPBasicAuthHandler(known),
    ):
        opener.add_handler(handler)
    return opener


def _picture(opener: urllib.request.OpenerDirector, url: str) -> bytes:
    where = urlsplit(url).netloc.rpartition("@")[2]
    try:
        with opener.open(url, timeout=_SILENCE) as answer:
            content: bytes = answer.read(MOST_BYTES + 1)
    except urllib.error.HTTPError as error:
        hint = "give the line `user` and `password_file`" if error.code in {401, 403} else "is the address right?"
        raise CaptureError(f"{where}: the camera answers {error.code} {error.reason}", hint) from None
    except (OSError, HTTPException, ValueError) as error:
        said = getattr(error, "reason", None) or error
        raise CaptureError(f"{where}: no picture ({said})", "is the camera on, and is the address right?") from None
    if len(content) > MOST_BYTES:
        raise CaptureError(f"{where}: more than {MOST_BYTES // 1_000_000} MB", "let the camera take smaller pictures")
    if not content:
        raise CaptureError(f"{where}: an empty answer", "is that the address of a picture?")
    return content
