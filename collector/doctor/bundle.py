"""Packs the support bundle: what is needed to help from afar, without secrets, also when everything else is down."""

from __future__ import annotations

import contextlib
import io
import os
import tarfile
import tempfile
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from collector.doctor.parts import Part, parts
from collector.doctor.scrub import names_in, scrub
from collector.errors import UsageError

#: s that one part may take: a dead network disk must not hold up the rest.
PATIENCE = 45.0
#: Characters of one part; the end is what tells.
LONGEST = 2_000_000


def collect(config: Path) -> Iterator[tuple[str, str]]:
    """(name, text) of each part as soon as it is there; one that cannot be had says why instead of failing."""
    known = _names(config)
    for name, make in parts(config).items():
        yield name, _attempt(make, known)


def _names(config: Path) -> frozenset[str]:
    try:
        return names_in(config.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return frozenset()


def _attempt(make: Part, known: Collection[str]) -> str:
    """The part's lines, scrubbed; what came before it failed or took too long is kept."""
    lines: list[str] = []
    texts: list[str] = []

    def work() -> None:
        try:
            for line in make():
                lines.append(line)  # one by one: what is there when time is up counts
        except BaseException as error:  # the bundle is wanted most when something unforeseen is broken
            lines.append(f"not available: {type(error).__name__}: {error}")
        texts.append(_scrubbed(lines, known))

    # A thread that hangs in the kernel cannot be ended, only left behind.
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return texts[0] if texts else _scrubbed([*lines, f"not available: it took longer than {PATIENCE:.0f} s"], known)


def _scrubbed(lines: Sequence[str], known: Collection[str]) -> str:
    return scrub("\n".join(lines)[-LONGEST:], known) + "\n"


def packed(texts: Iterable[tuple[str, str]]) -> bytes:
    """A .tar.gz of them, made in memory: a full disk must not leave half of it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as bundle:
        for name, text in texts:
            data = text.encode(errors="replace")
            entry = tarfile.TarInfo(f"phaselog-report/{name}")
            entry.size, entry.mtime, entry.mode = len(data), int(time.time()), 0o600
            bundle.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def put(data: bytes, given: Path | None) -> Path:
    """Writes it where it was asked for, else here, else where there is room, at last in RAM; for its owner only."""
    if given:
        try:
            _write(given, data, os.O_TRUNC)
        except OSError as error:
            raise UsageError(f"{given}: {error.strerror}", "name another file with --output, or - for stdout") from None
        return given
    name = time.strftime("phaselog-report-%Y%m%d-%H%M%S.tar.gz")
    for folder in (Path.cwd(), Path.home(), Path(tempfile.gettempdir()), Path("/run"), Path("/dev/shm")):  # noqa: S108
        with contextlib.suppress(OSError):
            # Others may write into some of these: a file or link of theirs is not touched.
            _write(folder / name, data, os.O_EXCL)
            return folder / name
    raise UsageError("no folder of this machine takes the bundle", "phaselog report --output - > FILE on another disk")


def _write(path: Path, data: bytes, flag: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | flag, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if path.is_file():
                os.fchmod(descriptor, 0o600)
            file.write(data)
    except OSError:
        if path.is_file():
            path.unlink()
        raise
