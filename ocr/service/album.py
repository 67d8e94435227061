"""Keeps the pictures of one meter for people to look at: read ones for a day, refused or doubted ones for a month."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

#: s that a picture is kept.
FINE, DOUBTED = 86400.0, 31 * 86400.0
#: Bytes of one meter's pictures; beyond it the oldest go first, read ones before doubted ones.
MOST_BYTES = 150_000_000
#: Characters of a name that tell day and hour: so often it is tidied up.
_HOUR = 11
_NAME = re.compile(r"\d{8}T\d{6}\.\d{3}Z")
_SUFFIX = {b"\xff\xd8\xff": ".jpg", b"\x89PN": ".png"}


class Album:
    """A folder with a picture and a small JSON file beside it for each reading."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, content: bytes, when: float, told: Mapping[str, Any]) -> str | None:
        """Keeps a picture and what was read there; returns its name, None where it cannot be kept."""
        name = datetime.fromtimestamp(when, UTC).strftime("%Y%m%dT%H%M%S.%f")[:-3] + "Z"
        before = max(self._names(), default="")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _write(self._folder / (name + _SUFFIX.get(content[:3], ".bin")), content)
            self._tell(name, told)
        except OSError as error:
            log.warning("%s: a picture cannot be kept (%s)", self._folder, error.strerror)
            return None
        if name[:_HOUR] != before[:_HOUR]:
            self.tidy(when)
        return name

    def note(self, name: str, more: Mapping[str, Any]) -> bool:
        """Adds to what is known of a picture; False if there is no such picture."""
        told = self._told(name)
        if told is None:
            return False
        self._tell(name, {**told, **more})
        return True

    def listed(self, most: int = 1000) -> list[dict[str, Any]]:
        """What is known of every picture, the newest first."""
        names = sorted(self._names(), reverse=True)[:most]
        return [{"picture": name, **told} for name in names if (told := self._told(name)) is not None]

    def content(self, name: str) -> bytes | None:
        """The picture itself."""
        file = self._file(name)
        try:
            return None if file is None else file.read_bytes()
        except OSError:
            return None

    def tidy(self, now: float) -> None:
        """Removes what is too old or too much."""
        kept: list[tuple[bool, str, int]] = []
        for name in self._names():
            told, file = self._told(name), self._file(name)
            doubted = told is not None and bool(told.get("refused") or told.get("implausible") or told.get("label"))
            age = now - datetime.strptime(name, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC).timestamp()
            if told is None or file is None or age > (DOUBTED if doubted else FINE):
                self._remove(name)
            else:
                with suppress(OSError):
                    kept.append((doubted, name, file.stat().st_size))
        total = sum(size for _, _, size in kept)
        for _, name, size in sorted(kept):
            if total <= MOST_BYTES:
                break
            self._remove(name)
            total -= size

    def _names(self) -> Iterator[str]:
        try:
            files = os.listdir(self._folder)  # noqa: PTH208
        except OSError:
            return
        yield from {name[:20] for name in files if _NAME.fullmatch(name[:20])}

    def _file(self, name: str) -> Path | None:
        files = (self._folder / (name + suffix) for suffix in (*_SUFFIX.values(), ".bin"))
        return next((file for file in files if file.is_file()), None)

    def _told(self, name: str) -> dict[str, Any] | None:
        try:
            told = json.loads((self._folder / f"{name}.json").read_bytes())
        except (OSError, ValueError):
            return None
        return told if isinstance(told, dict) else None

    def _tell(self, name: str, told: Mapping[str, Any]) -> None:
        _write(self._folder / f"{name}.json", json.dumps(told).encode())

    def _remove(self, name: str) -> None:
        for suffix in (*_SUFFIX.values(), ".bin", ".json"):
            with suppress(OSError):
                (self._folder / (name + suffix)).unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)
