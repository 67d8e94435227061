"""Counts rows and sums their hashes, so that two sets of rows can be compared whatever their order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

_OCTETS = 8
_MODULUS = 1 << 8 * _OCTETS


@dataclass(frozen=True, slots=True)
class Content:
    """What a table holds: how many rows, and a checksum that does not depend on their order."""

    rows: int
    checksum: str


class Tally:
    """Takes rows as SQL text. The sum of hashes, unlike their XOR, also notices a row that came twice."""

    def __init__(self) -> None:
        self._rows = 0
        self._sum = 0

    def add(self, rows: Iterable[bytes]) -> None:
        """Counts these rows in."""
        count = 0
        total = self._sum
        for row in rows:
            total += int.from_bytes(blake2b(row, digest_size=_OCTETS).digest(), "big")
            count += 1
        self._sum = total % _MODULUS
        self._rows += count

    def content(self) -> Content:
        """What has been counted so far."""
        return Content(self._rows, f"{self._sum:0{2 * _OCTETS}x}")


def differences(wanted: dict[str, Content], found: dict[str, Content]) -> list[str]:
    """One line for every table that is not as it should be."""
    lines = []
    for table in sorted(wanted.keys() | found.keys()):
        want, have = wanted.get(table), found.get(table)
        if want is None or have is None:
            lines.append(f"table {table} is {'missing' if have is None else 'not expected'}")
        elif want.rows != have.rows:
            lines.append(f"table {table} has {have.rows} rows instead of {want.rows}")
        elif want != have:
            lines.append(f"table {table} has other contents ({have.checksum} instead of {want.checksum})")
    return lines
