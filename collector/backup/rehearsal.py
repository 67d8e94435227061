"""Proves once a month that the newest backup can be restored: into a scratch database, compared, and removed again."""

from __future__ import annotations

import tempfile
import time
from contextlib import closing
from pathlib import Path

from collector.backup import folder as shelf
from collector.backup.archive import ArchiveReader
from collector.backup.checking import Progress
from collector.backup.loading import load, remove
from collector.backup.manifest import Manifest
from collector.backup.record import Record
from collector.config.places import backup_directory
from collector.config.settings import Settings
from collector.errors import PhaselogError
from collector.store.mariadb_snapshot import MariaSnapshot

FAILED = "restore_test_failed"


def rehearse(settings: Settings, file: Path | None, progress: Progress) -> tuple[Path, Manifest]:
    """Restores the file, or the newest backup, for a test. A failure is written down, and raised as PhaselogError."""
    record = Record(settings)
    with record.alone():
        path = file
        try:
            path = file or shelf.newest(Path(settings.backup.folder))
            manifest = _tried(settings, path, progress)
        except PhaselogError as error:
            name = path.name if path else None
            record.change(tested_file=name, tested=_now(), test_error=str(error))
            record.alarm(FAILED, f"Restore test: {error}", _now())
            raise
        record.change(tested_file=path.name, tested=_now(), test_error=None)
        return path, manifest


def _tried(settings: Settings, path: Path, progress: Progress) -> Manifest:
    # Not in /tmp: that may be memory.
    home = backup_directory(settings.path)
    with closing(ArchiveReader(path)) as archive, tempfile.TemporaryDirectory(prefix="test-", dir=home) as folder:
        archive.check_files()
        scratch: str | Path = f"{settings.store.database}_restore_test"
        if settings.store.kind != MariaSnapshot.kind:
            scratch = Path(folder) / "restore-test.sqlite"
        try:
            load(archive, settings.store, scratch, progress)
        finally:
            remove(settings.store, scratch)
        return archive.manifest


def _now() -> int:
    return int(time.time() * 1000)
