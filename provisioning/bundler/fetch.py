"""Downloads files, goes on where an earlier attempt stopped, and believes nothing that has the wrong checksum."""

from __future__ import annotations

import hashlib
import http.client
import sys
import time
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .errors import BundleError

_AT_ONCE = 4
_ATTEMPTS = 4
_CHUNK = 1 << 16
_SILENCE = 60.0  # seconds without a byte before a connection is given up


@dataclass(frozen=True)
class Wanted:
    """One file: its address, where it is kept, its SHA-256 and its size in bytes."""

    url: str
    path: Path
    sha256: str
    size: int


def digest(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open(url: str, offset: int) -> IO[bytes]:
    request = urllib.request.Request(url, headers={"Range": f"bytes={offset}-"} if offset else {})  # noqa: S310  http or https: checksums decide
    answer: IO[bytes] = urllib.request.urlopen(request, timeout=_SILENCE)  # noqa: S310
    return answer


def small(url: str) -> bytes:
    """A file of a few kilobytes whose checksum is not known yet. Raises BundleError when it cannot be had."""
    for attempt in range(_ATTEMPTS):
        try:
            with _open(url, 0) as answer:
                return answer.read()
        except OSError as error:
            if attempt + 1 == _ATTEMPTS:
                raise BundleError(f"cannot fetch {url}: {error}", "is this machine on the internet?") from None
            time.sleep(2**attempt)
    raise AssertionError


def _fetch_rest(wanted: Wanted, part: Path) -> None:
    have = part.stat().st_size if part.exists() else 0
    if have >= wanted.size:
        return
    with _open(wanted.url, have) as answer, part.open("ab") as file:
        if have and getattr(answer, "status", 206) != 206:  # the server begins again
            file.truncate(0)
        while chunk := answer.read(_CHUNK):
            file.write(chunk)


def fetch(wanted: Wanted) -> None:
    """The file at its place, complete and with the right checksum. Raises BundleError otherwise."""
    if wanted.path.exists() and digest(wanted.path) == wanted.sha256:
        return
    part = wanted.path.with_name(wanted.path.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    trouble = ""
    for attempt in range(_ATTEMPTS):
        try:
            _fetch_rest(wanted, part)
            if digest(part) == wanted.sha256:
                part.replace(wanted.path)
                return
            trouble = "its checksum is wrong"
            if part.stat().st_size >= wanted.size:
                part.unlink()
        except (OSError, http.client.HTTPException) as error:
            trouble = str(error)
        time.sleep(2**attempt)
    raise BundleError(
        f"cannot fetch {wanted.url}: {trouble}",
        "run the same command again: what is complete is kept and not fetched again",
    )


def fetch_all(files: Sequence[Wanted]) -> None:
    """All the files, a few at a time, with a line of progress every 5 seconds."""
    total = sum(wanted.size for wanted in files)
    done = said = 0.0
    began = time.monotonic()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for number, (wanted, _) in enumerate(zip(files, pool.map(fetch, files), strict=True), 1):
            done += wanted.size
            now = time.monotonic()
            if now - said >= 5 or number == len(files):
                said = now
                left = (total - done) / done * (now - began) if done else 0.0
                megabytes = f"{done / 1e6:.0f} of {total / 1e6:.0f} MB"
                sys.stderr.write(f"  {number}/{len(files)} files, {megabytes}, {left:.0f} s left\n")
