"""Brings the database of a backup to life beside the one in use, and proves that it holds what was backed up."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from collector.backup import sql_text
from collector.backup.archive import ArchiveReader
from collector.backup.checking import Progress, contents_of, database_of, require_same, told
from collector.config.settings import StoreSettings
from collector.errors import PhaselogError
from collector.store.loading import Loader, drop_database
from collector.store.snapshot import open_snapshot

_PIECE = 1 << 20


def load(archive: ArchiveReader, store: StoreSettings, scratch: str | Path, progress: Progress) -> StoreSettings:
    """Loads the backup into a database or file of this name and compares every table; the settings that open it.

    Raises PhaselogError; then nothing of it is left.
    """
    kind = archive.manifest.kind
    if kind != store.kind:
        hint = f'set store.kind = "{kind}" in the configuration'
        raise PhaselogError(f"{archive.path} is of a {kind} database, store.kind is {store.kind}", hint)
    with _nothing_left_on_failure(store, scratch):
        if isinstance(scratch, Path):
            made = _unpack(archive, store, scratch, progress)
        else:
            made = _replay(archive, store, scratch, progress)
        with closing(open_snapshot(made)) as snapshot:
            require_same(archive.manifest.tables, contents_of(snapshot), f"what was loaded from {archive.path}")
    return made


def _replay(archive: ArchiveReader, store: StoreSettings, scratch: str, progress: Progress) -> StoreSettings:
    with closing(Loader(store, scratch)) as loader, database_of(archive) as unpacked:
        for statement in sql_text.statements(told(unpacked, archive, progress)):
            loader.execute(statement.sql)
        return loader.settings


def _unpack(archive: ArchiveReader, store: StoreSettings, scratch: Path, progress: Progress) -> StoreSettings:
    with database_of(archive) as unpacked, scratch.open("wb") as target:
        while data := unpacked.read(_PIECE):
            target.write(data)
            progress(archive.position(), archive.path.stat().st_size)
        target.flush()
        os.fsync(target.fileno())
    return replace(store, path=scratch)


@contextmanager
def _nothing_left_on_failure(store: StoreSettings, scratch: str | Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        remove(store, scratch)
        raise


def remove(store: StoreSettings, scratch: str | Path) -> None:
    """Removes a scratch database or file; one that cannot be removed now is removed by the next attempt."""
    with suppress(PhaselogError, OSError):
        if isinstance(scratch, Path):
            scratch.unlink(missing_ok=True)
        else:
            drop_database(store, scratch)
