"""Serves the page with waitress: a few threads, no more memory than a small Pi can spare."""

from __future__ import annotations

import errno
import os
import socket

import waitress
from flask import Flask

from collector.errors import UsageError

THREADS = 4
#: Octets of a request that are taken in at all; the page itself refuses earlier.
LARGEST = 4_000_000
#: "localhost" is how waitress calls who comes through a unix socket: only nginx can. Its word on who asks is believed.
PROXY = {
    "trusted_proxy": "localhost",
    "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
    "clear_untrusted_proxy_headers": True,
}
#: systemd hands over what it listens on from this descriptor on (sd_listen_fds(3)).
FIRST_DESCRIPTOR = 3


def serve(app: Flask, host: str, port: int) -> None:
    """Answers requests until interrupted; UsageError if the port cannot be had.

    Under a systemd socket unit its sockets are used, whatever `host` and `port` say.
    """
    sockets = handed_over() or [_listen(host, port)]
    try:
        waitress.serve(app, sockets=sockets, threads=THREADS, ident=None, max_request_body_size=LARGEST, **PROXY)
    finally:
        for each in sockets:
            each.close()


def handed_over() -> list[socket.socket]:
    """The sockets that systemd listens on for this process; none when it was started by hand."""
    if os.environ.pop("LISTEN_PID", "") != str(os.getpid()):
        return []
    count = int(os.environ.pop("LISTEN_FDS", "0"))
    return [socket.socket(fileno=FIRST_DESCRIPTOR + each) for each in range(count)]


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(64)
    except OSError as problem:
        listening.close()
        raise UsageError(f"the page cannot listen on {host}, port {port}: {_reason(problem)}", _hint(problem)) from None
    return listening


def _reason(problem: OSError) -> str:
    reasons = {
        errno.EADDRINUSE: "another program uses the port",
        errno.EACCES: "this user may not use the port",
        errno.EADDRNOTAVAIL: "this machine does not have the address",
    }
    return reasons.get(problem.errno or 0, problem.strerror or str(problem))


def _hint(problem: OSError) -> str:
    if problem.errno == errno.EADDRNOTAVAIL:
        return "set host in [page] to 0.0.0.0 for all addresses, or to 127.0.0.1"
    return "set another port in [page] (above 1023), or stop the other program"
