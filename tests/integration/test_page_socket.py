"""The page uses the socket that systemd listens on, on a port or on a path of the file system."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ACTIVATE = shutil.which("systemd-socket-activate")
pytestmark = [
    pytest.mark.skipif(ACTIVATE is None, reason="systemd-socket-activate (Debian: systemd) is not here"),
    pytest.mark.slow,
]

CONFIG = """
[site]
name = "Socket"
[store]
path = "readings.sqlite"
"""


@contextmanager
def page_behind(address: str, folder: Path) -> Iterator[None]:
    """A page that systemd starts at the first visit."""
    config = folder / "phaselog.toml"
    config.write_text(CONFIG)
    phaselog = [sys.executable, "-m", "collector"]
    subprocess.run([*phaselog, "db", "migrate", config], check=True, capture_output=True)
    command = [str(ACTIVATE), "-E", "PATH", f"--listen={address}", *phaselog, "page", config]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        try:
            yield
        finally:
            process.terminate()


def visit(connect: socket.socket, request: str = "GET / HTTP/1.0\r\nHost: logger\r\n\r\n") -> bytes:
    with connect:
        connect.sendall(request.encode())
        answer = http.client.HTTPResponse(connect)
        answer.begin()
        return b"\n".join([*(value.encode() for _, value in answer.getheaders()), answer.read()])


def guess(folder: Path, connect: Callable[[], socket.socket]) -> str:
    """From where a wrong login came, as the page has noted it; the visitor claims an address and TLS."""
    claims = "X-Forwarded-For: 192.168.1.77\r\nX-Forwarded-Proto: https\r\n"
    page = visit(connect(), f"GET /login HTTP/1.0\r\nHost: logger\r\n{claims}\r\n").decode()
    cookie, proof = (re.search(what, page)[1] for what in (r"phaselog=([\w-]+)", r'name="csrf" value="(\w+)"'))
    body = f"csrf={proof}&name=ana&password=wrong"
    head = f"POST /login HTTP/1.0\r\nHost: logger\r\n{claims}Cookie: phaselog={cookie}\r\n"
    kind = "Content-Type: application/x-www-form-urlencoded"
    visit(connect(), f"{head}{kind}\r\nContent-Length: {len(body)}\r\n\r\n{body}")
    with sqlite3.connect(folder / "readings.sqlite") as database:
        ((message,),) = database.execute("SELECT message FROM event WHERE kind = 'page-refused'")
    return f"{message.rpartition(' ')[2]}{' over TLS' if '; Secure;' in page else ''}"


def connected(family: socket.AddressFamily, address: object) -> socket.socket:
    deadline = time.monotonic() + 20
    while True:
        found = socket.socket(family, socket.SOCK_STREAM)
        found.settimeout(20)
        try:
            found.connect(address)  # type: ignore[arg-type]
            return found
        except OSError:
            found.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_on_a_port(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with page_behind(f"127.0.0.1:{port}", tmp_path):
        assert b"Socket" in visit(connected(socket.AF_INET, ("127.0.0.1", port)))
        assert guess(tmp_path, lambda: connected(socket.AF_INET, ("127.0.0.1", port))) == "127.0.0.1"


def test_on_a_path_behind_a_proxy(tmp_path: Path) -> None:
    path = str(tmp_path / "page.sock")
    with page_behind(path, tmp_path):
        assert b"Socket" in visit(connected(socket.AF_UNIX, path))
        assert guess(tmp_path, lambda: connected(socket.AF_UNIX, path)) == "192.168.1.77 over TLS"
