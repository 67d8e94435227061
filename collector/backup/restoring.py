"""Brings everything of a backup back: database, configuration, what the collector had learned; and loses nothing."""

from __future__ import annotations

import os
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from collector.backup.archive import ArchiveReader
from collector.backup.checking import Progress, contents_of
from collector.backup.loading import load
from collector.backup.manifest import CONFIG, STATE, Manifest
from collector.backup.tally import Content
from collector.config.places import state_directory
from collector.config.settings import StoreSettings
from collector.errors import PhaselogError, UsageError
from collector.store.loading import exists, take_place
from collector.store.mariadb_snapshot import MariaSnapshot
from collector.store.migrations import migrations
from collector.store.snapshot import open_snapshot

#: What SQLite keeps beside a file: its write-ahead log may hold what the file does not yet.
_COMPANIONS = ("-wal", "-shm")


@dataclass(slots=True)
class Restored:
    """What came back. `kept`: where the things are that had been there before."""

    manifest: Manifest
    state_files: int = 0
    kept: list[str] = field(default_factory=list)


class Restoring:
    """One restore of one file, a step at a time; the caller stops the services, and migrates after it."""

    def __init__(self, path: Path) -> None:
        """Checks every byte of the file before anything is touched. Raises PhaselogError."""
        self._archive = ArchiveReader(path)
        try:
            self._archive.check_files()
            _require_known(self._archive.manifest)
        except PhaselogError:
            self._archive.close()
            raise
        self._stamp = f"{datetime.fromtimestamp(time.time(), UTC):%Y%m%d_%H%M%S}"
        self.done = Restored(self._archive.manifest)

    def configuration(self) -> bytes:
        """The configuration as it was backed up."""
        with self._archive.stream(CONFIG) as stream:
            return stream.read()

    def require_free(self, store: StoreSettings, replace_it: bool) -> None:
        """Raises UsageError when the database holds readings that are not those of the backup."""
        there = _readings(store)
        if replace_it or there is None or there == self.done.manifest.tables.get("reading"):
            return
        hint = "--replace keeps it under another name and puts the backup in its place"
        raise UsageError(f"the database holds {there.rows} readings that are not those of the backup", hint)

    def database(self, store: StoreSettings, progress: Progress) -> None:
        """Loads the database beside the one in use, compares every table, and only then changes places."""
        if store.kind == MariaSnapshot.kind:
            loaded, before = f"{store.database}_restoring", f"{store.database}_before_{self._stamp}"
            load(self._archive, store, loaded, progress)
            if take_place(store, loaded, before):
                self.done.kept.append(f"database {before}")
            return
        assert store.path is not None
        store.path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        fresh = store.path.with_name(f"{store.path.name}.restoring")
        load(self._archive, store, fresh, progress)
        self._put_aside(store.path, *_COMPANIONS)
        fresh.replace(store.path)
        _own_like(store.path, store.path.parent)

    def write_configuration(self, config: Path) -> None:
        """Puts the configuration back; the one that is there and differs is kept beside it."""
        data = self.configuration()
        if config.exists() and config.read_bytes() == data:
            return
        config.parent.mkdir(parents=True, exist_ok=True)
        self._put_aside(config)
        _write(config, data, 0o644)

    def state(self, config: Path) -> None:
        """Puts back what the collector had learned, owned like its state directory."""
        folder = state_directory(config)
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        for name in self.done.manifest.files:
            if name.startswith(STATE):
                with self._archive.stream(name) as stream:
                    path = folder / PurePosixPath(name).name
                    _write(path, stream.read(), 0o640)
                    _own_like(path, folder)
                self.done.state_files += 1

    def _put_aside(self, path: Path, *companions: str) -> None:
        if path.exists():
            kept = path.with_name(f"{path.name}.before-{self._stamp}")
            for companion in companions:
                with suppress(FileNotFoundError):
                    Path(f"{path}{companion}").rename(f"{kept}{companion}")
            path.rename(kept)
            self.done.kept.append(str(kept))

    def close(self) -> None:
        """Closes the file."""
        self._archive.close()


def _require_known(manifest: Manifest) -> None:
    newest = max((migration.number for migration in migrations(manifest.kind)), default=0)
    if manifest.schema > newest:
        message = f"the backup was made by a newer Phaselog ({manifest.program}, schema {manifest.schema:04d})"
        raise PhaselogError(message, "install that version first, then restore")


def _readings(store: StoreSettings) -> Content | None:
    """What table `reading` holds; None where there is no database, no table, or no reading in it."""
    if store.kind == MariaSnapshot.kind and not exists(store):
        return None
    if store.kind != MariaSnapshot.kind and not (store.path and store.path.exists()):
        return None
    with closing(open_snapshot(store)) as snapshot:
        found = contents_of(snapshot, ["reading"]).get("reading")
    return found if found and found.rows else None


def _write(path: Path, data: bytes, mode: int) -> None:
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_bytes(data)
    fresh.chmod(mode)
    fresh.replace(path)


def _own_like(path: Path, folder: Path) -> None:
    """The services must be able to use it: it gets the owner of its folder."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
