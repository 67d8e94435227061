"""Writes the batch in hand: one append-only file in RAM, one write per reading, whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from collector.model.reading import Reading
from collector.pipeline.segment import Encoder, decode

_PREFIX, _SUFFIX = "batch-", ".live"


@dataclass(slots=True)
class Span:
    """The times of some readings, UTC ms; both None as soon as one of them has no known time."""

    first: int | None = None
    last: int | None = None
    unknown: bool = False

    def add(self, first: int | None, last: int | None) -> None:
        """Widens the span; None where a time is not known."""
        if self.unknown or first is None or last is None:
            self.first, self.last, self.unknown = None, None, True
        elif self.first is None or self.last is None:
            self.first, self.last = first, last
        else:
            self.first, self.last = min(self.first, first), max(self.last, last)

    def take(self, reading: Reading) -> None:
        """Widens the span by this reading."""
        time = reading.time if reading.boot is None else None
        self.add(time, time)


@dataclass(slots=True)
class LiveFile:
    """Readings in one file. `number` grows from file to file and is never used twice while anything waits."""

    path: Path
    number: int
    count: int = 0
    size: int = 0
    span: Span = field(default_factory=Span)
    replayed: bool = False  #: left behind by an earlier process
    _descriptor: int = -1
    _encoder: Encoder = field(default_factory=Encoder)

    @classmethod
    def create(cls, folder: Path, number: int) -> LiveFile:
        """A new empty file; raises OSError."""
        path = folder / f"{_PREFIX}{number:012d}{_SUFFIX}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        return cls(path, number, _descriptor=os.open(path, flags, 0o640))

    def append(self, reading: Reading) -> None:
        """Writes the reading with one write(2). After an OSError the file is as before and must be closed."""
        record = self._encoder.encode(reading)
        written = 0
        try:
            written = os.write(self._descriptor, record)
            if written != len(record):
                raise OSError(28, "No space left on device")
        except OSError:
            if written:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._descriptor, self.size)
            raise
        self.size += written
        self.count += 1
        self.span.take(reading)

    def close(self) -> None:
        """Nothing more is appended."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def records(self) -> bytes:
        """The whole records of the file; raises OSError."""
        with self.path.open("rb") as file:
            return file.read(self.size)


def live_paths(folder: Path) -> list[Path]:
    """The live files of a folder, oldest first."""
    return sorted(folder.glob(f"{_PREFIX}*{_SUFFIX}"))


def leftovers(folder: Path) -> Iterator[tuple[LiveFile, bytes]]:
    """What an earlier process left behind, oldest first, each with the damaged bytes after the good ones."""
    for path in live_paths(folder):
        with contextlib.suppress(OSError, ValueError):
            data = path.read_bytes()
            decoded = decode(data)
            number = int(path.name[len(_PREFIX) : -len(_SUFFIX)])
            span = span_of(decoded.readings)
            live = LiveFile(path, number, len(decoded.readings), decoded.good, span, replayed=True)
            yield live, data[decoded.good :] if decoded.damaged else b""


def span_of(readings: Iterable[Reading]) -> Span:
    """The span of these readings."""
    span = Span()
    for reading in readings:
        span.take(reading)
    return span
