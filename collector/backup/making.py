"""Makes one backup file: written beside its name, read back from the disk, and only then given its name."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from collector import __version__
from collector.backup import folder as shelf
from collector.backup import sql_text
from collector.backup.archive import ArchiveReader, ArchiveWriter
from collector.backup.checking import contents_of, verify
from collector.backup.manifest import CONFIG, DUMPS, STATE, Manifest
from collector.backup.tally import Content
from collector.config.places import state_directory
from collector.config.settings import Settings
from collector.errors import PhaselogError, StoreError
from collector.store.mariadb_snapshot import MariaSnapshot
from collector.store.snapshot import Snapshot, size
from collector.store.sqlite_snapshot import SqliteSnapshot, copy

#: A dump takes about this share of the database; before the first one there is nothing better to go by.
_SHARE = 0.5
_LEVEL = 1
#: ER_TABLE_DEF_CHANGED: maintenance changed a table that the snapshot had not reached yet.
_CHANGED = 1412
_TRIES = 3
#: State files are small; what is larger is no state.
_LARGEST_STATE = 1_000_000
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Made:
    """A good backup. `alarm`: it is whole, but so small that a person should look."""

    path: Path
    size: int
    manifest: Manifest
    alarm: str | None


def make(settings: Settings, folder: Path, now: int) -> Made:
    """Writes, checks and names a backup. Raises PhaselogError; then nothing of it is left."""
    previous = shelf.listed(folder, settings.site.name)
    shelf.remove_parts(folder)
    shelf.require_room(folder, _needed(settings, previous))
    path = folder / shelf.file_name(settings.site.name, now)
    part = path.with_name(path.name + shelf.PART)
    try:
        with _removed_after(part):
            _write_again(part, settings, now)
            manifest = verify(part)
            shelf.own_like_folder(part)
            part.rename(path)
            shelf.sync(folder)
    except OSError as error:
        raise PhaselogError(f"{path}: {error.strerror}", "look at the disk and who may write to it") from error
    found = path.stat().st_size
    return Made(path, found, manifest, _suspicious(found, manifest, previous))


def _needed(settings: Settings, previous: Sequence[shelf.Kept]) -> int:
    database = size(settings.store)
    dump = int(previous[0].size * 1.2) if previous else int(database * _SHARE)
    return dump + (database if settings.store.kind == SqliteSnapshot.kind else 0) + 1_000_000


@contextmanager
def _removed_after(part: Path) -> Iterator[None]:
    try:
        yield
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _write_again(part: Path, settings: Settings, now: int) -> None:
    """Writes the file; again from the beginning when maintenance came in between."""
    for attempt in range(1, _TRIES + 1):
        try:
            with os.fdopen(os.open(part, _NEW, 0o600), "wb") as target:
                _write(target, part, settings, now)
                os.posix_fadvise(target.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            return
        except StoreError as error:
            if getattr(error.__cause__, "errno", None) != _CHANGED or attempt == _TRIES:
                raise


def _write(target: IO[bytes], part: Path, settings: Settings, now: int) -> None:
    archive = ArchiveWriter(target)
    archive.add(CONFIG, settings.path.read_bytes())
    for path in _state_files(settings):
        archive.add(STATE + path.name, path.read_bytes())
    if settings.store.kind == MariaSnapshot.kind:
        with closing(MariaSnapshot(settings.store)) as snapshot, _compressed(archive, snapshot.kind) as out:
            tables = sql_text.write(snapshot, out)
            manifest = _manifest(settings, snapshot, tables, now)
    else:
        manifest = _write_sqlite(archive, part.with_name(f"{part.stem}.sqlite{shelf.PART}"), settings, now)
    if not manifest.tables:
        raise PhaselogError("the database has no tables: nothing to back up", "phaselog db migrate makes them")
    manifest.files.update(archive.files)
    archive.finish(manifest)


def _state_files(settings: Settings) -> Sequence[Path]:
    """What the collector has learned and knows of its boots; not what waits in the spool: it is on its way."""
    found = state_directory(settings.path).glob("*.json")
    return sorted(path for path in found if path.is_file() and path.stat().st_size <= _LARGEST_STATE)


@contextmanager
def _compressed(archive: ArchiveWriter, kind: str) -> Iterator[IO[bytes]]:
    with archive.member(DUMPS[kind]) as stream, gzip.GzipFile("", "wb", _LEVEL, stream, mtime=0) as out:
        yield out  # type: ignore[misc]


def _write_sqlite(archive: ArchiveWriter, copied: Path, settings: Settings, now: int) -> Manifest:
    assert settings.store.path is not None
    with _removed_after(copied):
        copy(settings.store.path, copied)
        with closing(SqliteSnapshot(copied)) as snapshot, copied.open("rb") as source:
            with _compressed(archive, snapshot.kind) as out:
                while piece := source.read(1 << 20):
                    out.write(piece)
            return _manifest(settings, snapshot, contents_of(snapshot), now)


def _manifest(settings: Settings, snapshot: Snapshot, tables: dict[str, Content], now: int) -> Manifest:
    oldest, newest = snapshot.span()
    return Manifest(
        __version__, snapshot.schema(), snapshot.kind, snapshot.version(), settings.site.name, now, oldest, newest,
        tables, {},
    )  # fmt: skip


def _suspicious(found: int, manifest: Manifest, previous: Sequence[shelf.Kept]) -> str | None:
    """What is wrong with a backup that is whole, but far smaller than the one before."""
    if not previous:
        return None
    before = previous[0]
    if found < before.size * 0.5:
        return f"only {found} bytes; the one before, {before.path.name}, has {before.size}"
    with suppress(PhaselogError), closing(ArchiveReader(before.path)) as archive:
        had = archive.manifest.readings
        if manifest.readings < had * 0.5:
            return f"only {manifest.readings} readings; the one before, {before.path.name}, has {had}"
    return None
