"""Takes pictures with the Pi's own camera: `rpicam-still`, called `libcamera-still` before Debian 13."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator

from ocr.capture.errors import CaptureError
from ocr.capture.messages import Shot

_PROGRAMS = ("rpicam-still", "libcamera-still")
#: ms until exposure and white balance have settled.
_SETTLE = "1500"
_WIDTH, _HEIGHT = "1640", "1232"


def frames(count: int) -> Iterator[Shot]:
    """`count` pictures; each is exposed anew, so that reflections and half-drawn digits differ."""
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        raise CaptureError("rpicam-still is not there", "sudo apt install rpicam-apps-lite")
    for _ in range(count):
        yield Shot(_picture(program), time.time())


def _picture(program: str) -> bytes:
    size = ("--width", _WIDTH, "--height", _HEIGHT)
    taken = subprocess.run(  # noqa: S603 - fixed words only
        [program, "--nopreview", "--timeout", _SETTLE, *size, "--encoding", "jpg", "--output", "-"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if taken.returncode or not taken.stdout:
        words = taken.stderr.decode(errors="replace").strip().splitlines()
        last = words[-1] if words else f"ended with {taken.returncode}"
        raise CaptureError(f"rpicam-still: {last}", "`rpicam-hello --list-cameras` lists the cameras")
    return taken.stdout
