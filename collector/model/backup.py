"""Says how the last backup and the last restore test went: one JSON file, which doctor and the health page read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

#: Name of the file in the backup's state folder (collector/config/places.py, `backup_directory`).
BACKUP_STATUS_FILE = "status.json"


@dataclass(frozen=True, slots=True)
class BackupStatus:
    """What is known of the backups; times are UTC ms. `error` and `test_error`: None when the last try went well."""

    folder: str | None = None  #: where the backups are kept
    file: str | None = None  #: name of the newest good one
    time: int | None = None  #: when that one was made
    size: int | None = None  #: its bytes
    readings: int | None = None  #: how many it holds
    verified: bool = False  #: it was read back whole after it was written
    attention: str | None = None  #: works, but should be looked after: same disk as the database ...
    error: str | None = None  #: why the last try failed
    error_time: int | None = None
    tested_file: str | None = None  #: what the last restore test loaded
    tested: int | None = None  #: when
    test_error: str | None = None  #: why that test failed
    copied: int | None = None  #: when the last second copy went out (backup.copy_to)
    copy_error: str | None = None  #: why the last one did not

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self), separators=(",", ":"), ensure_ascii=False)


def read_backup_status(folder: Path) -> BackupStatus | None:
    """What the file in this folder says; None when no backup was ever tried, or it cannot be read."""
    try:
        return BackupStatus(**json.loads((folder / BACKUP_STATUS_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
