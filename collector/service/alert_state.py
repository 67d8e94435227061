"""Keeps what the alert rules know over a restart: one file, replaced in one step."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class State:
    """What must survive a restart: standings, the newest event looked at, notices on their way to the outbox."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = ""
        self.data: dict[str, Any] = {}
        with contextlib.suppress(OSError, ValueError):
            self._written = path.read_text(encoding="utf-8")
            self.data = json.loads(self._written)

    def save(self, data: Mapping[str, Any]) -> None:
        """Replaces the file, durable when this returns; a state that is as it was costs nothing. Raises OSError."""
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        if text == self._written:
            return
        part = self._path.with_suffix(".part")
        with part.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)
        self._written = text
