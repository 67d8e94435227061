"""Sends the backups to another machine: rsync over SSH with a key of its own, which never asks anything."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

from collector.backup.record import Record
from collector.config.places import backup_directory
from collector.config.settings import Settings
from collector.errors import PhaselogError, UsageError

FAILED = "backup_copy_failed"
#: Key and known hosts lie in the backup's state folder; the installer makes the key.
KEY = "id_ed25519"
_LONGEST = 6 * 3600
_HINT = "is it reachable, and is the key of {key}.pub in its authorized_keys?"


def copy_out(settings: Settings) -> str:
    """Copies what the other side lacks; what was done, in a sentence. A failure is written down and raised."""
    target = settings.backup.copy_to
    if target is None:
        raise UsageError("backup.copy_to is not set", 'name a machine: copy_to = "user@host:/folder"')
    record, now = Record(settings), int(time.time() * 1000)
    try:
        _rsync(Path(settings.backup.folder), target, backup_directory(settings.path))
    except PhaselogError as error:
        record.change(copy_error=str(error))
        record.alarm(FAILED, f"Second copy: {error}", now)
        raise
    record.change(copied=now, copy_error=None)
    return f"the backups are at {target}, too"


def _rsync(folder: Path, target: str, state: Path) -> None:
    program = shutil.which("rsync")
    if program is None:
        raise PhaselogError("rsync is not installed", "apt install rsync openssh-client")
    key = state / KEY
    # The first connection decides whom the key trusts; from then on nobody else is believed.
    login = (
        f"ssh -i {key} -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=30"
        f" -o UserKnownHostsFile={state / 'known_hosts'} -o StrictHostKeyChecking=accept-new"
    )
    command = [program, "--times", "--include=phaselog-*.tar", "--exclude=*", "--recursive", "--timeout=300"]
    try:
        done = subprocess.run(  # noqa: S603
            [*command, "--rsh", login, f"{folder}/", f"{target.rstrip('/')}/"],
            capture_output=True, text=True, timeout=_LONGEST, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise PhaselogError(f"copying to {target} took longer than {_LONGEST // 3600} h", "is the line slow?") from None
    if done.returncode:
        said = done.stderr.strip().splitlines()[:1] or [f"rsync ended with {done.returncode}"]
        raise PhaselogError(f"copying to {target} failed: {said[0]}", _HINT.format(key=key))
