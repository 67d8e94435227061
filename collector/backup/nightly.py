"""Does what the night's timer asks for: one backup, the old ones thinned out, and the outcome written down."""

from __future__ import annotations

import time
from pathlib import Path

from collector.backup import folder as shelf
from collector.backup.making import Made, make
from collector.backup.record import Record
from collector.backup.rotation import superfluous
from collector.config.settings import Settings
from collector.errors import PhaselogError

FAILED = "backup_failed"


def back_up(settings: Settings, to: Path | None = None) -> Made:
    """Makes a backup in `backup.folder`, or elsewhere. A failure is written down, and raised as PhaselogError."""
    record = Record(settings)
    with record.alone():
        folder = to or Path(settings.backup.folder)
        try:
            made = make(settings, folder, _now())
            if made.alarm:
                raise PhaselogError(f"{made.path} is suspiciously small: {made.alarm}", _LOOK)
            _thin_out(settings, folder)
        except PhaselogError as error:
            record.change(folder=str(folder), error=str(error), error_time=_now())
            record.alarm(FAILED, f"Backup: {error}", _now())
            raise
        _write_down(record, settings, folder, made)
        return made


_DISK = "look at the disk and who may write to it"
_LOOK = "it was kept and nothing was removed; look whether readings are missing. The next one is compared with this one"


def _now() -> int:
    return int(time.time() * 1000)


def _write_down(record: Record, settings: Settings, folder: Path, made: Made) -> None:
    record.change(
        folder=str(folder), file=made.path.name, time=made.manifest.made, size=made.size, verified=True,
        readings=made.manifest.readings, attention=shelf.same_disk(folder, settings), error=None, error_time=None,
    )  # fmt: skip


def _thin_out(settings: Settings, folder: Path) -> None:
    backups = shelf.listed(folder, settings.site.name)
    try:
        for old in superfluous(backups, settings.backup, settings.site.zone):
            old.path.unlink()
    except OSError as error:
        raise PhaselogError(
            f"{error.filename}: {error.strerror}", "look at the disk and who may write to it"
        ) from error
