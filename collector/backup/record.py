"""Writes down how a backup, a restore test or a copy went: in the status file, and an alarm in table `event`."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from collector.backup.folder import own_like_folder
from collector.config.places import backup_directory
from collector.config.settings import Settings
from collector.errors import PhaselogError, StoreError, UsageError
from collector.model.backup import BACKUP_STATUS_FILE, BackupStatus, read_backup_status
from collector.model.event import Event
from collector.store.noting import note

log = logging.getLogger(__name__)
_LOCK = "lock"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
_HINT = "run it as root (sudo), or as the user of phaselog-backup.service"


class Record:
    """The status file of one configuration's backups."""

    def __init__(self, settings: Settings) -> None:
        """Makes its folder where it is missing. Raises PhaselogError when this user may not."""
        self._settings = settings
        self._folder = backup_directory(settings.path)
        try:
            self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        except OSError as error:
            raise _not_allowed(self._folder, error) from error

    def status(self) -> BackupStatus:
        """What is known so far."""
        return read_backup_status(self._folder) or BackupStatus()

    def change(self, **news: str | int | bool | None) -> BackupStatus:
        """Writes the status anew, as a whole."""
        status = replace(self.status(), **news)  # type: ignore[arg-type]
        path, fresh = self._folder / BACKUP_STATUS_FILE, self._folder / f"{BACKUP_STATUS_FILE}.new"
        try:
            with os.fdopen(os.open(fresh, _NEW, 0o640), "w", encoding="utf-8") as file:
                file.write(status.to_json() + "\n")
                file.flush()
                os.fsync(file.fileno())
            own_like_folder(fresh)
            fresh.replace(path)
        except OSError as error:
            raise _not_allowed(path, error) from error
        return status

    def alarm(self, kind: str, message: str, now: int) -> None:
        """Puts an event where people look for what happened; a database that is down is an alarm of its own."""
        try:
            note(self._settings.store, Event(now, kind, message))
        except StoreError as error:
            log.warning("the alarm is not in table event: %s", error)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Only one backup or restore test at a time. Raises UsageError while another one is under way."""
        path = self._folder / _LOCK
        try:
            number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as error:
            raise _not_allowed(path, error) from error
        try:
            with suppress(OSError):
                own_like_folder(path)
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise UsageError("another backup or restore test is under way", "wait until it is done") from None
        finally:
            os.close(number)


def _not_allowed(path: Path, error: OSError) -> PhaselogError:
    return PhaselogError(
        f"{path}: {error.strerror}", "run it as root (sudo), or as the user of phaselog-backup.service"
    )
