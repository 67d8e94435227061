"""Keeps what is known of one meter's display: its profile, since when this meter hangs there, its pictures."""

from __future__ import annotations

import time
from pathlib import Path

from ocr.errors import OcrError
from ocr.service.album import Album


class MeterFolder:
    """One folder a meter, under the state folder."""

    def __init__(self, state: Path, meter: str) -> None:
        self._folder = state / meter
        self.album = Album(self._folder / "pictures")
        self._installed = self._folder / "installed"

    @property
    def profile(self) -> Path:
        """The file that says how the camera sees the display."""
        return self._folder / "profile.toml"

    def installed(self) -> str:
        """A word for the meter that hangs there; another one after a person said that it was changed."""
        try:
            return self._installed.read_text(encoding="ascii").strip()[:40]
        except (OSError, ValueError):
            return "first"

    def swap(self) -> str:
        """Another meter hangs there from now on."""
        word = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.write(self._installed, word + "\n")
        return word

    def write(self, path: Path, text: str) -> None:
        """Replaces a small file in one step; raises OcrError."""
        fresh = path.with_name(path.name + ".new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(path)
        except OSError as error:
            raise OcrError(f"{path}: {error.strerror}", "is the disk full or read-only?") from None
