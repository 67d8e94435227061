"""Looks at the backups by what they wrote down of themselves: age, size, proof, place."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from collector.config.duration import written_octets
from collector.model.backup import BACKUP_STATUS_FILE, BackupStatus, read_backup_status
from collector.model.finding import Finding, attention, fine, skipped, wrong

_HOUR, _DAY = 3_600_000, 86_400_000
#: A nightly backup that is older than this has not come.
_OLD = 36 * _HOUR
#: A monthly restore test that is older than this has not come.
_UNTESTED = 45 * _DAY
_STICK = "put in a USB stick that is called PHASELOG: docs/how-to/back-up-and-restore.md"
_LOG = "journalctl -u phaselog-backup; then: sudo systemctl start phaselog-backup"


def backups(folder: Path, since: int | None) -> Iterator[Finding]:
    """The last backup and the last restore test. `since`: UTC ms when the logger was set up, if that is known."""
    if not os.access(folder, os.X_OK) and folder.exists():
        yield skipped("backup", f"this user may not look into {folder}: sudo phaselog doctor")
        return
    file = folder / BACKUP_STATUS_FILE
    if file.exists() and not os.access(file, os.R_OK):
        yield skipped("backup", f"this user may not read {file}: sudo phaselog doctor")
        return
    now = int(time.time() * 1000)
    found = read_backup_status(folder)
    young = since is not None and now - since < _OLD
    if found is None:
        seen = "there is none yet"
        yield skipped("backup", f"{seen}: the first one comes tonight") if young else wrong("backup", seen, _LOG)
        return
    yield _backup(found, now)
    if found.copy_error:
        yield attention("second copy", found.copy_error, "look at backup.copy_to: is the other machine reachable?")
    yield _test(found, now)


def _backup(found: BackupStatus, now: int) -> Finding:
    if found.time is None:
        return wrong("backup", f"none has gone well yet: {found.error or 'no reason is known'}", _LOG)
    seen = f"{_ago(now - found.time)} old, {written_octets(found.size or 0)} in {found.folder}"
    if found.error:
        trouble = wrong if now - found.time > _OLD else attention
        return trouble("backup", f"the last one failed: {found.error}; the last good one is {seen}", _LOG)
    if now - found.time > _OLD:
        return wrong("backup", f"the last one is {seen}", "systemctl status phaselog-backup.timer; " + _LOG)
    if not found.verified or not found.size:
        return wrong("backup", f"{seen}, but it could not be read back", _LOG)
    if found.attention:
        return attention("backup", f"{seen}: {found.attention}", _STICK)
    return fine("backup", f"{seen}, read back")


def _test(found: BackupStatus, now: int) -> Finding:
    subject, again = (
        "restore test",
        "journalctl -u phaselog-restore-test; then: sudo systemctl start phaselog-restore-test",
    )
    if found.test_error:
        return wrong(subject, f"the last one failed: {found.test_error}", again)
    if found.tested is None:
        return skipped(subject, "none yet: the first one comes within a month")
    seen = f"{_ago(now - found.tested)} ago, went well"
    if now - found.tested > _UNTESTED:
        return attention(subject, f"the last one was {seen}", again)
    return fine(subject, seen)


def _ago(ms: int) -> str:
    if ms < 2 * _HOUR:
        return f"{max(0, ms) // 60_000} min"
    return f"{ms // _HOUR} h" if ms < 3 * _DAY else f"{ms // _DAY} days"
