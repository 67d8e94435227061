"""Asks the camera service over its unix socket: one JSON line out, one JSON line in, within a bounded time.

On the appliance systemd starts the service when it is asked. Elsewhere the collector starts it, and it ends by itself.
"""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from collector.config.settings import CameraService
from collector.errors import BadAnswer, NoAnswer

#: Longest answer, bytes: a picture as base64.
MOST = 16_000_000
#: s until a service that was started here listens: loading OpenCV takes its time on a small machine.
_START = 30.0
#: Longest name that a unix socket has (unix(7)), without the zero at its end.
_LONGEST_NAME = 107
#: s; the caller is told as often that the wait goes on.
_TURN = 1.0


class Client:
    """Whoever wants to know what a camera sees; `alive` is called while it waits."""

    def __init__(self, service: CameraService, alive: Callable[[], None] = lambda: None) -> None:
        self._service = service
        self._alive = alive

    def ask(self, question: Mapping[str, Any], seconds: float) -> Mapping[str, Any]:
        """The answer; raises NoAnswer with the service's own words, BadAnswer for what is no answer."""
        deadline = time.monotonic() + seconds
        with self._connected() as peer:
            try:
                peer.settimeout(_TURN)
                peer.sendall(json.dumps(question).encode() + b"\n")
                heard = self._hear(peer, deadline)
            except OSError as error:
                raise NoAnswer(f"the camera service went away ({error.strerror or error})") from error
        return _told(heard)

    def _hear(self, peer: socket.socket, deadline: float) -> bytes:
        heard = bytearray()
        while not heard.endswith(b"\n"):
            self._alive()
            try:
                lump = peer.recv(1 << 16)
            except TimeoutError:
                if time.monotonic() < deadline:
                    continue
                raise NoAnswer("the camera service does not answer", "does another camera hang?") from None
            heard += lump
            if not lump:
                raise NoAnswer("the camera service ended before it answered", "journalctl -u phaselog-ocr tells why")
            if len(heard) > MOST:
                raise BadAnswer("the camera service answers without end", "too_long")
        return bytes(heard)

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        peer = _connect(self._service.socket)
        if isinstance(peer, OSError) and self._service.state is not None:
            peer = self._start(self._service.state)
        if isinstance(peer, OSError):
            hint = "is phaselog-ocr.socket running? It is not installed with --without ocr"
            if isinstance(peer, PermissionError):
                hint = "only group phaselog may ask it: try it with sudo"
            raise NoAnswer(f"{self._service.socket}: no camera service ({peer.strerror})", hint)
        with peer:
            yield peer

    def _start(self, state: Path) -> socket.socket | OSError:
        """Starts the service and waits until it listens."""
        if importlib.util.find_spec("cv2") is None:
            raise NoAnswer("what reads cameras is not installed here", 'pip install "phaselog[ocr]"')
        path = self._service.socket
        path.parent.mkdir(parents=True, exist_ok=True)
        started = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "ocr", "serve", "--socket", path.name, "--state", str(state.absolute())],
            cwd=path.parent,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + _START
        while isinstance(peer := _connect(path), OSError) and time.monotonic() < deadline:
            self._alive()
            if started.poll() is not None:
                raise NoAnswer(f"the camera service ended with {started.returncode}", "try `python -m ocr serve`")
            time.sleep(0.05)
        return peer


def _connect(path: Path) -> socket.socket | OSError:
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    peer.settimeout(_TURN)
    try:
        with _short(path) as name:
            peer.connect(name)
    except OSError as error:
        peer.close()
        return error
    return peer


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """A name of the socket that is not too long for the kernel."""
    if len(os.fsencode(path)) <= _LONGEST_NAME:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _told(heard: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(heard)
    except (ValueError, RecursionError):
        raise BadAnswer("the camera service answers no JSON", "form") from None
    if not isinstance(told, dict):
        raise BadAnswer("the camera service answers no JSON object", "form")
    if "error" in told:
        raise NoAnswer(str(told["error"])[:300], str(told.get("hint", ""))[:300])
    return told
