"""Decodes a captured stream of P1 telegrams."""

from __future__ import annotations

from collector.sources.dsmr.finder import P1Finder
from collector.sources.dsmr.lock import Lock
from collector.sources.pushed import decoded
from collector.sources.telegram import Telegram


def decode(data: bytes, key: bytes | None = None) -> list[Telegram]:
    """Every telegram in these bytes, in order, good or bad; what belongs to none is told by the nearest.

    `key`: opens encrypted ones, see `Lock`; raises UsageError if it cannot be a key.
    """
    return decoded(P1Finder(Lock(key) if key else None), data, "P1")
