"""Looks after the folder that holds the backups: is it there, is it another disk, what lies in it."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from collector.config.duration import written_octets
from collector.config.settings import Settings
from collector.errors import PhaselogError
from collector.store.snapshot import disk_folder

_NAME = re.compile(r"phaselog-(?P<site>.+)-(?P<made>\d{8}T\d{6}Z)\.tar")
_STAMP = "%Y%m%dT%H%M%SZ"
PART = ".part"


@dataclass(frozen=True, slots=True)
class Kept:
    """One backup in the folder. `made`: UTC ms, by its name."""

    path: Path
    made: int
    size: int


def file_name(site: str, made: int) -> str:
    """Name of a backup of this site made at this moment (UTC ms)."""
    return f"phaselog-{_slug(site)}-{datetime.fromtimestamp(made / 1000, UTC):{_STAMP}}.tar"


def _slug(site: str) -> str:
    """The site's name as every file system takes it."""
    plain = unicodedata.normalize("NFKD", site).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "site"


def listed(folder: Path, site: str | None = None) -> Sequence[Kept]:
    """The backups in the folder, newest first; of one site only, when it is named. Raises PhaselogError."""
    found = []
    for path in _files(folder):
        match = _NAME.fullmatch(path.name)
        if match and (site is None or match["site"] == _slug(site)):
            made = datetime.strptime(match["made"], _STAMP).replace(tzinfo=UTC)
            found.append(Kept(path, round(made.timestamp() * 1000), path.stat().st_size))
    return sorted(found, key=lambda kept: kept.made, reverse=True)


def _files(folder: Path) -> Sequence[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_file()]
    except OSError as error:
        raise unusable(folder, error) from error


def unusable(folder: Path, error: OSError) -> PhaselogError:
    """The sentence for a folder that is not there, or takes nothing."""
    hint = "plug in and mount the disk for backups, or name another backup.folder (docs/how-to/back-up-and-restore.md)"
    return PhaselogError(f"backup folder {folder}: {error.strerror}", hint)


def newest(folder: Path) -> Path:
    """The newest backup of any site; PhaselogError when there is none."""
    if found := listed(folder):
        return found[0].path
    raise PhaselogError(f"there is no backup in {folder}", "phaselog backup makes one")


def same_disk(folder: Path, settings: Settings) -> str | None:
    """What a person should know when the backups lie on the database's own disk: they die with it."""
    home = disk_folder(settings.store)
    try:
        if home is not None and home.stat().st_dev == folder.stat().st_dev:
            return f"{folder} is on the same disk as the database: when that dies, both are gone"
    except OSError:
        return None
    return None


def require_room(folder: Path, needed: int) -> None:
    """Raises PhaselogError when the disk has less free than this many bytes."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise unusable(folder, error) from error
    if free < needed:
        hint = "remove old backups, keep fewer (backup.keep_daily ...), or use a larger disk"
        wanted = f"{written_octets(free)} free, about {written_octets(needed)} needed"
        raise PhaselogError(f"backup folder {folder}: not enough room, {wanted}", hint)


def remove_parts(folder: Path) -> None:
    """Removes what an interrupted backup left."""
    for path in _files(folder):
        if path.name.startswith("phaselog-") and path.name.endswith(PART):
            path.unlink()


def own_like_folder(path: Path) -> None:
    """What root writes by hand belongs to the folder's owner, who has to remove it one day."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        # A vfat stick has one owner for all.
        with suppress(OSError):
            os.chown(path, owner.st_uid, owner.st_gid)


def sync(folder: Path) -> None:
    """Has the disk keep the folder's names."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
