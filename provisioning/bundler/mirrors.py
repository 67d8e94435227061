"""Knows where Debian's packages come from: a mirror that was named, or what this machine's own apt uses."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Mapping

from .errors import BundleError

#: What a mirror holds: releases with their updates, and security updates.
FOLDERS = ("debian", "debian-security")
_ASK = ("apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages")


def mirrors(named: str | None) -> Mapping[str, str]:
    """Folder -> its address. Raises BundleError where none was named and this machine has none."""
    if named is not None:
        return {folder: f"{named.rstrip('/')}/{folder}" for folder in FOLDERS}
    found = among(_of_apt())
    if missing := [folder for folder in FOLDERS if folder not in found]:
        raise BundleError(
            f"this machine's apt names no mirror of {' and '.join(missing)}",
            "name one of Debian's mirrors with --mirror https://HOST",
        )
    return found


def among(addresses: Iterable[str]) -> dict[str, str]:
    """The first address of each folder."""
    found: dict[str, str] = {}
    for address in addresses:
        base = address.strip().rstrip("/")
        folder = base.rpartition("/")[2]
        if folder in FOLDERS and base.startswith(("http://", "https://")):
            found.setdefault(folder, base)
    return found


def _of_apt() -> list[str]:
    if shutil.which(_ASK[0]) is None:
        return []
    return subprocess.run(_ASK, capture_output=True, text=True, check=False).stdout.splitlines()  # noqa: S603
