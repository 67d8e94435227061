"""Takes pictures from what sends video: a V4L2 device (USB camera) or an RTSP stream (RFC 7826)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from urllib.parse import quote, urlsplit, urlunsplit

import cv2

from ocr.capture.errors import CaptureError
from ocr.capture.login import Login
from ocr.capture.messages import Shot

#: Frames after which a camera's exposure has settled.
_SETTLE = 8
#: s between two frames: reflections and half-drawn digits are then others.
PAUSE = 0.7
_WIDTH, _HEIGHT = 1920, 1080
_QUALITY = 95


def from_device(device: str, count: int) -> Iterator[Shot]:
    """Frames of a V4L2 device."""
    if not os.path.exists(device):  # noqa: PTH110
        raise CaptureError(f"{device}: no such camera", "`v4l2-ctl --list-devices` lists them")
    if not os.access(device, os.R_OK | os.W_OK):
        raise CaptureError(f"{device}: permission denied", "add the user to group video, then log in again")
    video = cv2.VideoCapture(device, cv2.CAP_V4L2)
    video.set(cv2.CAP_PROP_FRAME_WIDTH, _WIDTH)
    video.set(cv2.CAP_PROP_FRAME_HEIGHT, _HEIGHT)
    yield from _frames(video, device, count, "is another program using it?")


def from_stream(url: str, login: Login | None, count: int) -> Iterator[Shot]:
    """Frames of an RTSP stream, over TCP: what is lost on the way is no picture."""
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "rtsp_transport;tcp"
    where = urlsplit(url).netloc.rpartition("@")[2]
    video = cv2.VideoCapture(_with(url, login), cv2.CAP_FFMPEG)
    yield from _frames(video, where, count, "is the camera on, and are address and login right?")


def _with(url: str, login: Login | None) -> str:
    if login is None:
        return url
    parts = urlsplit(url)
    account = f"{quote(login.user, safe='')}:{quote(login.password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{account}@{parts.netloc}"))


def _frames(video: cv2.VideoCapture, name: str, count: int, hint: str) -> Iterator[Shot]:
    try:
        if not video.isOpened():
            raise CaptureError(f"{name}: gives no video", hint)
        for number in range(_SETTLE + count):
            there, frame = video.read()
            if not there:
                raise CaptureError(f"{name}: the video ended", hint)
            if number >= _SETTLE:
                yield Shot(_encoded(frame, name), time.time())
                time.sleep(PAUSE if number + 1 < _SETTLE + count else 0.0)
    finally:
        video.release()


def _encoded(frame: cv2.typing.MatLike, name: str) -> bytes:
    done, content = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise CaptureError(f"{name}: a frame could not be kept")
    return content.tobytes()
