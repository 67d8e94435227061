"""Keeps two collectors out of one folder: an exclusive lock (flock(2)) that ends with the process."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from collector.errors import SpoolError, UsageError

#: Name of the lock file; it holds the number of the process.
LOCK_FILE = "lock"


def hold(folder: Path) -> int:
    """Locks the folder until the returned file descriptor is closed; UsageError if another process holds it."""
    path = folder / LOCK_FILE
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise SpoolError(
            f"{path}: cannot be opened: {error.strerror}", "is the folder writable for this user?"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(descriptor)
        raise UsageError(
            f"{folder}: another collector (process {holder}) uses this spool", "stop it first: it logs already"
        ) from error
    # The number is for people: a full disk is no reason not to lock.
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def make_folder(folder: Path) -> None:
    """Makes the folder, readable by its group; SpoolError if that cannot be."""
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as error:
        raise SpoolError(f"{folder}: cannot be made: {error.strerror}", "the service must own this folder") from error
