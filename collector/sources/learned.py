"""Remembers which holes in a meter's register map the meter answers: asked once, kept for ever.

Nobody documents this reliably, and it differs within one maker's family; a wrong guess costs a block each cycle.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from collector.config.settings import LineSettings, MeterSettings

log = logging.getLogger(__name__)

#: A hole: first address and first address behind it.
Hole = tuple[int, int]


@dataclass(slots=True)
class Gaps:
    """What one meter answered. Without `path` it is remembered until the program ends."""

    key: str = ""
    path: Path | None = None
    answered: set[Hole] = field(default_factory=set)
    refused: set[Hole] = field(default_factory=set)

    def allows(self, hole: Hole) -> bool:
        """True when the meter has answered this hole, or one around it."""
        return any(first <= hole[0] and hole[1] <= end for first, end in self.answered) and not self.forbids(hole)

    def forbids(self, hole: Hole) -> bool:
        """True when the meter has refused this hole, or a part of it."""
        return any(hole[0] <= first and end <= hole[1] for first, end in self.refused)

    def learn(self, holes: Iterable[Hole], answered: bool) -> None:
        """Notes an answer or a refusal and writes it down."""
        target, other = (self.answered, self.refused) if answered else (self.refused, self.answered)
        target.update(holes)
        other.difference_update(holes)
        if self.path:
            self._write(self.path)

    def _write(self, path: Path) -> None:
        content = {"key": self.key, "answered": sorted(self.answered), "refused": sorted(self.refused)}
        fresh = path.with_suffix(".new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(content) + "\n")
            os.replace(fresh, path)  # noqa: PTH105
        except OSError as error:
            log.warning("%s: cannot be written (%s); the meter's holes will be tried again", path, error.strerror)
            with suppress(OSError):
                fresh.unlink(missing_ok=True)


class Learned:
    """One small JSON file a meter in a directory."""

    def __init__(self, directory: Path | None = None) -> None:
        """Without a directory nothing is read or written."""
        self._directory = directory

    def gaps(self, meter: MeterSettings, line: LineSettings) -> Gaps:
        """What is known of this meter; nothing if model, unit or line are not what they were."""
        target = line.port or f"{line.host}:{line.tcp_port}"
        key = f"{meter.model} unit {meter.unit} at {target}"
        if self._directory is None:
            return Gaps(key)
        path = self._directory / f"gaps-{meter.name}.json"
        gaps = Gaps(key, path)
        with suppress(FileNotFoundError):
            _read(path, gaps)
        return gaps


def _read(path: Path, gaps: Gaps) -> None:
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
        if content["key"] != gaps.key:
            return
        answered, refused = ({(int(a), int(b)) for a, b in content[word]} for word in ("answered", "refused"))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s: cannot be used (%s); the meter's holes will be tried again", path, error)
        return
    gaps.answered, gaps.refused = answered, refused
