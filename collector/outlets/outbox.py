"""Keeps what must be sent until it was sent: one file a notice, so that nothing is lost when the power goes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

#: As many may wait for one channel; a channel that is dead for months must not fill the card.
MOST_WAITING = 2000
_SUFFIX = ".notice"


class Outbox:
    """A folder for each channel; names begin with the time, so that their order is that of the notices."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, channel: str, time: int, key: str, text: str) -> bool:
        """Keeps one notice, durable when this returns; False when too many wait already. Raises OSError."""
        folder = self._folder / channel
        folder.mkdir(parents=True, exist_ok=True)
        if len(list(folder.glob(f"*{_SUFFIX}"))) >= MOST_WAITING:
            return False
        part = folder / f"{time:015d}-{key}.part"
        with part.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(part.with_suffix(_SUFFIX))
        _sync(folder)
        return True

    def waiting(self, channel: str) -> Mapping[Path, str]:
        """What waits for this channel, the oldest first; a file that cannot be read is left out."""
        return dict(self._read(self._folder / channel))

    def _read(self, folder: Path) -> Iterator[tuple[Path, str]]:
        for path in sorted(folder.glob(f"*{_SUFFIX}")):
            try:
                yield path, path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                continue

    def sent(self, paths: Mapping[Path, object]) -> None:
        """These need not be kept any longer."""
        for path in paths:
            path.unlink(missing_ok=True)
        for folder in {path.parent for path in paths}:
            _sync(folder)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
