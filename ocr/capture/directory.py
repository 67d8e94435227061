"""Looks into a folder that a network camera or another program fills: its newest pictures are the frames."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from ocr.capture.errors import CaptureError
from ocr.capture.messages import MOST_BYTES, Shot

_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
#: Pictures that came within so many s of the newest are frames of the same moment.
TOGETHER = 30.0
#: Somebody may still be writing a picture that is younger, s.
SETTLED = 0.2
#: More files than this are not looked at: nobody cleans that folder.
_MOST_FILES = 100_000


def frames(folder: Path, count: int, oldest: float) -> Iterator[Shot]:
    """The newest `count` pictures of one moment, the newest last; none may be older than `oldest` s."""
    found = sorted(_pictures(folder))[-count:]
    if not found:
        raise CaptureError(f"{folder}: there is no picture", "does the camera write .jpg or .png files there?")
    newest = found[-1][0]
    age = time.time() - newest
    if age > oldest:
        said = f"{folder}: the newest picture is {age / 60:.0f} minutes old"
        raise CaptureError(said, "does the camera still write there?")
    for modified, path in found:
        if newest - modified <= TOGETHER:
            yield Shot(_content(path), modified)


def _pictures(folder: Path) -> Iterator[tuple[float, Path]]:
    try:
        with os.scandir(folder) as entries:
            for number, entry in enumerate(entries):
                if number >= _MOST_FILES:
                    raise CaptureError(f"{folder}: more than {_MOST_FILES} files", "remove old pictures")
                if Path(entry.name).suffix.lower() not in _SUFFIXES or not entry.is_file(follow_symlinks=False):
                    continue
                status = entry.stat(follow_symlinks=False)
                if time.time() - status.st_mtime >= SETTLED:
                    yield status.st_mtime, Path(entry.path)
    except OSError as error:
        raise CaptureError(
            f"{folder}: {error.strerror}", "is it there, and may the user of the camera read it?"
        ) from None


def _content(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise CaptureError(f"{path}: is no file")
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CaptureError(f"{path}: {error.strerror}", "may the user of the camera read it?") from None
    if len(content) > MOST_BYTES:
        raise CaptureError(f"{path}: more than {MOST_BYTES // 1_000_000} MB", "let the camera take smaller pictures")
    return content
