"""Finds everything that packages depend on (Debian policy 7), counting nothing as installed already."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .archive import Archive, Package
from .errors import BundleError

_RELATION = re.compile(r"^([a-z0-9][a-z0-9+.-]*)(?::[a-z0-9]+)?(?: *\((<<|<=|=|>=|>>) *([^)]+)\))?$")


def _alternatives(group: str) -> list[tuple[str, str, str]]:
    found = [_RELATION.match(text.strip()) for text in group.split("|")]
    return [(match[1], match[2] or "", match[3] or "") for match in found if match]


def _dependencies(package: Package) -> list[str]:
    texts = (package.fields.get(field, "") for field in ("Pre-Depends", "Depends"))
    return [group.strip() for text in texts for group in text.split(",") if group.strip()]


def _choose(archive: Archive, group: str, chosen: dict[str, Package]) -> Package | None:
    """Who satisfies a dependency: somebody already chosen, else the first alternative that exists."""
    candidates = [package for wish in _alternatives(group) for package in archive.having(*wish)]
    return next((package for package in candidates if package.name in chosen), candidates[0] if candidates else None)


def closure(archive: Archive, names: Iterable[str]) -> list[Package]:
    """The named packages and all they need, the base system's included.

    The base system's are in because a bundle may be newer than the image: then an exact dependency between two
    packages of one source asks for the newer one of both. Raises BundleError for what the release has not.
    """
    chosen: dict[str, Package] = {}
    for name in names:
        if name not in archive.packages:
            raise BundleError(f"this release has no package {name}", "correct provisioning/packages.txt")
        chosen[name] = archive.packages[name]
    waiting = list(chosen.values())
    while waiting:
        package = waiting.pop()
        for group in _dependencies(package):
            found = _choose(archive, group, chosen)
            if found is None:
                raise BundleError(
                    f"{package.name} needs {group}, which this release has not", "is the mirror complete?"
                )
            if found.name not in chosen:
                chosen[found.name] = found
                waiting.append(found)
    return list(chosen.values())
