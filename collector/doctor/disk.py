"""Looks at the disk that readings wait on."""

from __future__ import annotations

import shutil
from pathlib import Path

from collector.config.duration import written_octets
from collector.config.places import state_directory
from collector.config.settings import Settings
from collector.model.finding import Finding, attention, fine, wrong


def disk(settings: Settings) -> Finding:
    """Is there room for readings to wait."""
    folder = nearest_folder(state_directory(settings.path))
    free, floor = shutil.disk_usage(folder).free, settings.spool.min_free_bytes
    seen = f"{written_octets(round(free, -8))} free at {folder}"
    if free < floor:
        return wrong(
            "disk", seen, f"free at least {written_octets(floor)}: below that nothing can wait for the database"
        )
    if free < 2 * floor:
        return attention("disk", seen, "make room, or let readings be kept for a shorter time")
    return fine("disk", seen)


def nearest_folder(path: Path) -> Path:
    """The folder itself, or the first one above it that exists."""
    return next(folder for folder in (path, *path.parents) if folder.exists())
