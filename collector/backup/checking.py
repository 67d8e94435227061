"""Reads a backup whole and compares everything in it with its manifest."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from collector.backup import sql_text
from collector.backup.archive import ArchiveReader
from collector.backup.manifest import DUMPS, Manifest
from collector.backup.tally import Content, Tally, differences
from collector.errors import PhaselogError
from collector.store.mariadb_snapshot import MariaSnapshot
from collector.store.snapshot import Snapshot

#: Told (bytes done, bytes in all).
Progress = Callable[[int, int], None]


def contents_of(snapshot: Snapshot, only: Collection[str] | None = None) -> dict[str, Content]:
    """What every table of a database holds, or those that are named."""
    found = {}
    for table in snapshot.tables():
        if only is not None and table not in only:
            continue
        tally = Tally()
        for rows in snapshot.rows(table):
            tally.add(rows)
        found[table] = tally.content()
    return found


def require_same(wanted: dict[str, Content], found: dict[str, Content], what: str) -> None:
    """Raises PhaselogError that names every table that is not as the manifest says."""
    if lines := differences(wanted, found):
        raise PhaselogError(f"{what} does not hold what its manifest says: {'; '.join(lines)}", "take another backup")


def verify(path: Path) -> Manifest:
    """Checks every byte of the file, and every row of a dump. Raises PhaselogError when anything is wrong."""
    with closing(ArchiveReader(path)) as archive:
        manifest = archive.manifest
        archive.check_files()
        with database_of(archive) as unpacked:
            if manifest.kind == MariaSnapshot.kind:
                require_same(manifest.tables, sql_text.contents(sql_text.statements(unpacked)), str(path))
            else:
                # Its rows were counted in the very file that was packed; that file is here whole.
                while unpacked.read(1 << 20):
                    pass
        return manifest


@contextmanager
def database_of(archive: ArchiveReader) -> Iterator[gzip.GzipFile]:
    """The database as it was before it was compressed."""
    with archive.stream(DUMPS[archive.manifest.kind]) as stream, gzip.GzipFile(fileobj=stream) as unpacked:
        yield unpacked


def told(lines: Iterator[bytes], archive: ArchiveReader, progress: Progress) -> Iterator[bytes]:
    """Hands the lines on and tells how far in the file they are."""
    total = archive.path.stat().st_size
    for number, line in enumerate(lines):
        if number % 5000 == 0:
            progress(archive.position(), total)
        yield line
    progress(total, total)
