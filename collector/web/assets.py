"""Serves the static files from memory, compressed, under a URL that changes with their content."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

STATIC = Path(__file__).parent / "static"

_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One static file. `packed`: gzip of `content`, None where that is not smaller."""

    content: bytes
    packed: bytes | None
    type: str


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    packed = gzip.compress(content, 9, mtime=0)
    guessed = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "text/plain; charset=utf-8"
    return Asset(content, packed if len(packed) < len(content) else None, guessed)


class Assets:
    """Every file of the static folder by its name; read once, when first asked for. There is no other way to a file."""

    @cached_property
    def _files(self) -> dict[str, Asset]:
        files = sorted(path for path in STATIC.rglob("*") if path.is_file())
        return {path.relative_to(STATIC).as_posix(): _read(path) for path in files}

    @cached_property
    def version(self) -> str:
        """Changes when any file changes, so that a browser may keep what it has for ever."""
        digest = hashlib.sha256()
        for name, asset in self._files.items():
            digest.update(name.encode() + b"\0" + asset.content)
        return digest.hexdigest()[:12]

    def url(self, name: str) -> str:
        """Path of a file for templates; KeyError if there is none."""
        self._files[name]
        return f"/static/{self.version}/{name}"

    def get(self, name: str) -> Asset | None:
        """The file of this name, or None."""
        return self._files.get(name)
