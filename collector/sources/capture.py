"""Writes down every byte that passes a line, with its time, and reads such files back: one JSON object a line.

The first line tells the line; each other one is {"t": s since the start, "from": "meter" or "logger", "bytes": hex}.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from collector import __version__
from collector.config.settings import LineSettings
from collector.errors import ConfigError, Mistake
from collector.model.ports import Ticker
from collector.sources.hex_text import written
from collector.sources.owner import describe

#: How the first line of a capture begins.
MARK = b'{"phaselog"'
METER, LOGGER = "meter", "logger"


@dataclass(frozen=True, slots=True)
class Lump:
    """Bytes that passed together. `time`: s since the start of the capture."""

    time: float
    sender: str
    data: bytes


class Capture:
    """A file that is being written; given to `Channel.tap`."""

    def __init__(self, file: IO[str], line: LineSettings, ticker: Ticker) -> None:
        self._file = file
        self._ticker = ticker
        self._began = ticker.monotonic()
        self.heard = 0
        self.sent = 0
        head = {"phaselog": __version__, "line": describe(line), "protocol": line.protocol}
        self._write({**head, "baud": line.baud, "frame": line.frame} if line.serial else head)

    def __call__(self, sender: str, data: bytes) -> None:
        """Notes bytes that passed just now."""
        if sender == METER:
            self.heard += len(data)
        else:
            self.sent += len(data)
        self._write({"t": round(self._ticker.monotonic() - self._began, 6), "from": sender, "bytes": data.hex()})

    def _write(self, entry: dict[str, Any]) -> None:
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()


def lumps(path: Path) -> Iterator[Lump]:
    """What passed, in order; ConfigError for the first line that is none."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if number == 1 or not line.strip():
                continue
            try:
                entry = json.loads(line)
                yield Lump(float(entry["t"]), str(entry["from"]), bytes.fromhex(entry["bytes"]))
            except (ValueError, KeyError, TypeError) as error:
                mistakes = [Mistake(f"line {number}", str(error))]
                raise ConfigError(f"{path}: not a capture", mistakes, "`phaselog record` writes them") from error


def is_capture(path: Path) -> bool:
    """True for a file that `phaselog record` has written."""
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK


def of_meter(path: Path) -> bytes:
    """The bytes of a captured file: what the meters said, what hex digits mean, or the file itself: raw bytes."""
    data = path.read_bytes()  # once: it may be a pipe
    if not data.startswith(MARK):
        return written(data) or data
    return b"".join(lump.data for lump in lumps(path) if lump.sender == METER)
