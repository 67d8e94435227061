"""Listens on a unix socket, one request at a time, until nobody has asked for a while (systemd: sd_listen_fds(3))."""

from __future__ import annotations

import json
import logging
import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ocr.errors import OcrError, RequestError
from ocr.service.request import MOST_LINE, Request, parse

log = logging.getLogger(__name__)

#: s that a question may take to arrive, and an answer to leave.
_PATIENCE = 10.0
_FIRST_FD = 3


def listening(path: Path | None) -> socket.socket:
    """The socket that systemd hands over, else a fresh one at this path; raises OcrError."""
    if os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS") == "1":
        return socket.socket(fileno=_FIRST_FD)
    if path is None:
        raise RequestError("no socket to listen on", "write --socket PATH, or start phaselog-ocr.socket")
    fresh = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        fresh.bind(str(path))
        path.chmod(0o660)
    except OSError as error:
        fresh.close()
        raise RequestError(f"{path}: {error.strerror or error}", "name another one with --socket") from None
    fresh.listen(16)
    return fresh


def serve(listener: socket.socket, answer: Callable[[Request], Mapping[str, Any]], idle: float) -> None:
    """Answers until nobody has asked for `idle` s."""
    listener.settimeout(idle)
    while True:
        try:
            peer, _ = listener.accept()
        except TimeoutError:
            return
        with peer, suppress(OSError):
            peer.sendall(_line(_answered(peer, answer)))


def _answered(peer: socket.socket, answer: Callable[[Request], Mapping[str, Any]]) -> Mapping[str, Any]:
    """What is answered; whatever a question or a camera does, the service goes on."""
    try:
        request = parse(_question(peer))
        peer.settimeout(_PATIENCE)
        return answer(request)
    except OcrError as error:
        return {"error": str(error), "hint": error.hint}
    except OSError:
        raise
    except Exception as error:
        log.exception("a request failed for a reason that is a defect of Phaselog")
        return {"error": f"{type(error).__name__}: {error}", "hint": "this is a defect: please report it"}


def _question(peer: socket.socket) -> bytes:
    deadline = time.monotonic() + _PATIENCE
    heard = b""
    while not heard.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0:
            raise RequestError("what was asked took too long to arrive")
        peer.settimeout(left)
        try:
            lump = peer.recv(MOST_LINE)
        except TimeoutError:
            continue
        heard += lump
        if len(heard) > MOST_LINE:
            raise RequestError(f"what was asked is longer than {MOST_LINE} bytes")
        if not lump:
            raise RequestError("what was asked has no end")
    return heard


def _line(answer: Mapping[str, Any]) -> bytes:
    return json.dumps(answer, allow_nan=False).encode() + b"\n"
