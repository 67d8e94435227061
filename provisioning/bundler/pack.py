"""Packs the project with its debs and wheels into one tar, the same bytes for the same content."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

from .errors import BundleError
from .fetch import digest

_TOP = "phaselog"
_LEFT_OUT = {"bundle", "build", "dist"}


def version(project: Path) -> str:
    """The project's version, as collector/__init__.py says it."""
    found = re.search(r'^__version__ = "([^"]+)"', (project / "collector/__init__.py").read_text(), re.MULTILINE)
    if not found:
        raise BundleError("collector/__init__.py says no __version__", "take an unchanged release")
    return found[1]


def project_files(project: Path) -> Iterator[Path]:
    """Paths of the project's own files, relative to it: what git would keep, else all but what was built."""
    if (project / ".git").exists() and shutil.which("git"):
        command = ["git", "-C", str(project), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
        yield from (Path(name) for name in filter(None, listed.split("\0")) if os.path.lexists(project / name))
        return
    for folder, folders, files in os.walk(project):
        here = Path(folder).relative_to(project)
        hidden = [
            name
            for name in folders
            if (name[0] == "." and name != ".ci") or name == "__pycache__" or name.endswith(".egg-info")
        ]
        built = _LEFT_OUT if here == Path() else set()
        folders[:] = sorted(set(folders) - set(hidden) - built)
        yield from (here / name for name in sorted(files) if not (here == Path() and name.endswith(".tar")))


def checksums(bundle: Path) -> None:
    """Writes SHA256SUMS over everything in the bundle's folder, as sha256sum reads it."""
    files = sorted(path for path in bundle.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    lines = (f"{digest(path)}  {path.relative_to(bundle).as_posix()}\n" for path in files)
    (bundle / "SHA256SUMS").write_text("".join(lines))


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member


def pack(project: Path, bundle: Path, output: Path) -> None:
    """The tar: the project as `phaselog/`, the bundle as `phaselog/bundle/`; there only when it is complete."""
    part = output.with_name(output.name + ".part")
    with tarfile.open(part, "w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(project_files(project)):
            tar.add(project / path, f"{_TOP}/{path.as_posix()}", recursive=False, filter=_plain)
        for path in sorted(path for path in bundle.rglob("*") if path.is_file()):
            tar.add(path, f"{_TOP}/bundle/{path.relative_to(bundle).as_posix()}", recursive=False, filter=_plain)
    part.replace(output)
