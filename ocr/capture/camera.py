"""Tells which camera a word of the configuration means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ocr.capture import directory, rpicam, snapshot
from ocr.capture.errors import CaptureError
from ocr.capture.login import Login
from ocr.capture.messages import Shot

RPICAM = "rpicam"
_DEVICE = re.compile(r"/dev/(video\d+|v4l/by-(id|path)/[A-Za-z0-9_.:+-]+)")


@dataclass(frozen=True, slots=True)
class Camera:
    """What takes the picture. `name`: "rpicam", a V4L2 device, a URL (http, https, rtsp), or a folder.

    `lamp`: GPIO chip and pin of a light, "/dev/gpiochip0:17". `oldest`: s that a folder's newest picture may be old.
    """

    name: str
    login: Login | None = None
    lamp: str | None = None
    oldest: float = 900.0

    def frames(self, count: int) -> Iterator[Shot]:
        """`count` pictures, as files; a folder may have fewer. Raises CaptureError."""
        name = self.name
        if name == RPICAM:
            return rpicam.frames(count)
        if name.startswith(("http://", "https://")):
            return snapshot.frames(name, self.login, count)
        if _DEVICE.fullmatch(name) or name.startswith(("rtsp://", "rtsps://")):
            return self._video(count)
        if name.startswith("/") and not name.startswith("/dev/"):
            return directory.frames(Path(name), count, self.oldest)
        hint = 'write "rpicam", "/dev/video0", "http://...", "rtsp://..." or the name of a folder'
        raise CaptureError(f'"{name}" is no camera', hint)

    def _video(self, count: int) -> Iterator[Shot]:
        from ocr.capture import video  # noqa: PLC0415 - OpenCV, where it is needed

        if name_of_device := _DEVICE.fullmatch(self.name):
            return video.from_device(name_of_device[0], count)
        return video.from_stream(self.name, self.login, count)
