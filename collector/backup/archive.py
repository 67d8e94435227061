"""Writes and reads the one file of a backup: an ordinary tar (POSIX.1-2001), streamed, each member with its SHA-256."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from collector.backup.manifest import MANIFEST, Manifest
from collector.errors import PhaselogError

_BLOCK = tarfile.BLOCKSIZE
_PIECE = 1 << 20


class _Hashed(io.RawIOBase):
    """Counts and hashes what goes through to the file."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self.count = 0
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | memoryview) -> int:  # type: ignore[override]
        self._target.write(data)
        self.digest.update(data)
        self.count += len(data)
        return len(data)


class ArchiveWriter:
    """Writes members one after the other; their sizes need not be known before."""

    def __init__(self, target: IO[bytes]) -> None:
        """`target`: a new file that can seek."""
        self._target = target
        self.files: dict[str, tuple[int, str]] = {}

    @contextmanager
    def member(self, name: str) -> Iterator[IO[bytes]]:
        """A member to be written to; its header is put right when it is complete."""
        start = self._target.tell()
        self._target.write(bytes(_BLOCK))
        stream = _Hashed(self._target)
        yield stream  # type: ignore[misc]
        self._target.write(bytes(-stream.count % _BLOCK))
        end = self._target.tell()
        self._target.seek(start)
        self._target.write(_header(name, stream.count))
        self._target.seek(end)
        self.files[name] = (stream.count, stream.digest.hexdigest())

    def add(self, name: str, data: bytes) -> None:
        """A small member at once."""
        with self.member(name) as stream:
            stream.write(data)

    def finish(self, manifest: Manifest) -> None:
        """Writes the manifest and the end, and has the disk keep it all."""
        self.add(MANIFEST, manifest.to_json().encode())
        self._target.write(bytes(2 * _BLOCK))
        self._target.flush()
        os.fsync(self._target.fileno())


def _header(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, int(time.time()), 0o600
    # GNU's way of numbers: a dump of more than 8 GB must fit into the same one block.
    return entry.tobuf(tarfile.GNU_FORMAT)


class ArchiveReader:
    """Reads a backup. Damage of any kind is a PhaselogError that names the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self.damage():
            self._tar = tarfile.open(path, "r:")  # noqa: SIM115 (closed by `close`)
            self._members = {member.name: member for member in self._tar.getmembers() if member.isfile()}
        if MANIFEST not in self._members:
            self._tar.close()
            raise PhaselogError(f"{path} is no complete backup: it has no {MANIFEST}", "take another backup")
        with self.stream(MANIFEST) as stream:
            self.manifest = Manifest.from_json(stream.read())

    @contextmanager
    def damage(self) -> Iterator[None]:
        """Says in a sentence what reading stumbles over."""
        try:
            yield
        except FileNotFoundError:
            raise PhaselogError(f"{self.path} is not there", "phaselog backup --list tells which there are") from None
        except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, KeyError) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise PhaselogError(f"{self.path} is damaged: {reason}", "take another backup") from error

    @contextmanager
    def stream(self, name: str) -> Iterator[IO[bytes]]:
        """A member, read from its beginning."""
        with self.damage():
            found = self._tar.extractfile(self._members[name])
            assert found is not None
            with found:
                yield found

    def position(self) -> int:
        """Bytes of the file that have been passed, to tell how long the rest takes."""
        return self._tar.fileobj.tell() if self._tar.fileobj else 0

    def check_files(self) -> None:
        """Every member is there and has the SHA-256 that the manifest tells."""
        for name, (size, digest) in self.manifest.files.items():
            if name not in self._members or self._members[name].size != size:
                raise PhaselogError(f"{self.path} is damaged: {name} is missing or too short", "take another backup")
            found = hashlib.sha256()
            with self.stream(name) as stream:
                while data := stream.read(_PIECE):
                    found.update(data)
            if found.hexdigest() != digest:
                raise PhaselogError(f"{self.path} is damaged: {name} has other contents", "take another backup")

    def close(self) -> None:
        """Closes the file."""
        self._tar.close()
