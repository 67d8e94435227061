"""Starts the taker of pictures and waits for a bounded time: a camera that hangs is ended with all that it started."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict

from ocr.capture.camera import Camera
from ocr.capture.errors import CaptureError
from ocr.capture.messages import MOST_BYTES, Shot, received


def take(camera: Camera, count: int, seconds: float) -> list[Shot]:
    """At most `count` pictures within this time; what came before it ran out counts. Raises CaptureError."""
    wanted = {**asdict(camera), "count": count}
    taker = subprocess.Popen(
        [sys.executable, "-m", "ocr.capture"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        heard, ended = _hear(taker, json.dumps(wanted).encode(), seconds, count)
    finally:
        _end(taker)
    shots = _shots(heard)
    if not shots:
        name = camera.name if camera.login is None else camera.name.rpartition("@")[2]
        said = "took no picture" if ended else f"gave no picture within {seconds:.0f} s"
        raise CaptureError(f"{name}: {said}", "is it plugged in, switched on and not used by another program?")
    return shots


def _hear(taker: subprocess.Popen[bytes], wanted: bytes, seconds: float, count: int) -> tuple[bytes, bool]:
    """What it said, and whether it ended by itself."""
    assert taker.stdin is not None
    assert taker.stdout is not None
    with suppress(BrokenPipeError):
        taker.stdin.write(wanted)
        taker.stdin.close()
    most, deadline = count * MOST_BYTES + 65536, time.monotonic() + seconds
    heard = bytearray()
    with selectors.DefaultSelector() as waiting:
        waiting.register(taker.stdout, selectors.EVENT_READ)
        while len(heard) < most and waiting.select(max(0.0, deadline - time.monotonic())):
            lump = os.read(taker.stdout.fileno(), 1 << 16)
            if not lump:
                return bytes(heard), True
            heard += lump
    return bytes(heard), False


def _shots(heard: bytes) -> list[Shot]:
    shots: list[Shot] = []
    try:
        shots.extend(received(heard))
    except CaptureError:
        if not shots:
            raise
    return shots


def _end(taker: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(taker.pid, signal.SIGKILL)
    if taker.stdout is not None:
        taker.stdout.close()
    taker.wait()
