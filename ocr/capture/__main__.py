"""Takes the pictures, in a process of its own: whoever waits for a camera that hangs ends it."""

from __future__ import annotations

import json
import sys

from ocr.capture import messages
from ocr.capture.camera import Camera
from ocr.capture.errors import CaptureError
from ocr.capture.lamp import lit
from ocr.capture.login import Login


def main() -> int:
    """Reads what is wanted from stdin (a password belongs on no command line), writes pictures to stdout."""
    wanted = json.load(sys.stdin)
    login = Login(**wanted["login"]) if wanted["login"] else None
    camera = Camera(wanted["name"], login, wanted["lamp"], wanted["oldest"])
    out = sys.stdout.buffer
    try:
        with lit(camera.lamp):
            for shot in camera.frames(wanted["count"]):
                out.write(messages.picture(shot))
                out.flush()
    except CaptureError as error:
        out.write(messages.fault(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
