"""Decodes a captured stream of SML telegrams."""

from __future__ import annotations

from collector.sources.pushed import decoded
from collector.sources.sml.finder import SmlFinder
from collector.sources.telegram import Telegram


def decode(data: bytes) -> list[Telegram]:
    """Every telegram in these bytes, in order, good or bad; what belongs to none is told by the nearest."""
    return decoded(SmlFinder(), data, "SML")
