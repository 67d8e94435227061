"""Knows where the program keeps what it writes: the state directory (disk) and the runtime directory (RAM)."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

#: The appliance's one configuration; whoever asks about it (root, the page, a person) means the service's folders.
APPLIANCE_CONFIG = Path("/etc/phaselog/phaselog.toml")
APPLIANCE_STATE = Path("/var/lib/phaselog")
APPLIANCE_RUNTIME = Path("/run/phaselog")
APPLIANCE_CAMERA = Path("/run/phaselog-ocr/socket")
APPLIANCE_BACKUP = Path("/var/lib/phaselog-backup")


def _instance(config: Path) -> str:
    """A folder name of this configuration's own, so that two loggers on one machine never share a spool."""
    path = str(config.resolve())
    return f"{config.stem}-{hashlib.sha256(path.encode()).hexdigest()[:8]}"


def state_directory(config: Path) -> Path:
    """Where what must survive a reboot is kept: `$STATE_DIRECTORY` (systemd), the service's, else the user's."""
    if given := os.environ.get("STATE_DIRECTORY"):
        return Path(given.split(":")[0])
    if config == APPLIANCE_CONFIG:
        return APPLIANCE_STATE
    home = os.environ.get("XDG_STATE_HOME")
    base = Path(home) if home else Path.home() / ".local" / "state"
    return base / "phaselog" / _instance(config)


def runtime_directory(config: Path) -> Path:
    """Where the batch in hand is kept: `$RUNTIME_DIRECTORY`, the service's, `$XDG_RUNTIME_DIR`, else the state's."""
    if given := os.environ.get("RUNTIME_DIRECTORY"):
        return Path(given.split(":")[0])
    if config == APPLIANCE_CONFIG:
        return APPLIANCE_RUNTIME
    if ram := os.environ.get("XDG_RUNTIME_DIR"):
        return Path(ram) / "phaselog" / _instance(config)
    return state_directory(config) / "run"


def camera_service(config: Path) -> tuple[Path, Path | None]:
    """The socket of who reads the cameras; and where he keeps his things, if he is not a service of his own."""
    if config == APPLIANCE_CONFIG:
        return APPLIANCE_CAMERA, None
    return runtime_directory(config) / "ocr.socket", state_directory(config) / "cameras"


def backup_directory(config: Path) -> Path:
    """Where the backup writes down how it went (not the backups themselves: they are in `backup.folder`)."""
    return APPLIANCE_BACKUP if config == APPLIANCE_CONFIG else state_directory(config) / "backup"
