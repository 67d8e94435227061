"""Asks who reads the cameras whether he is there, and how the last pictures of each meter were read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from collector.config.settings import Settings
from collector.errors import DeviceError
from collector.model.finding import Finding, attention, fine, wrong
from collector.sources.camera.client import Client

#: Pictures that are looked at.
_LAST = 20
#: s that the answer may take: another camera may be at work.
_PATIENCE = 100.0


def cameras(settings: Settings) -> Iterator[Finding]:
    """One finding for each meter that a camera reads."""
    for meter in settings.meters:
        line = settings.line(meter.line)
        if line.service is None:
            continue
        subject = f"camera of {meter.name}"
        try:
            told = Client(line.service).ask({"ask": "pictures", "meter": meter.name}, _PATIENCE)
            yield _judged(subject, meter.name, told["pictures"][:_LAST])
        except DeviceError as error:
            yield wrong(subject, str(error), error.hint)


def _judged(subject: str, meter: str, pictures: Sequence[Mapping[str, Any]]) -> Finding:
    if not pictures:
        return attention(subject, "has no picture yet", f"phaselog camera setup {meter}")
    doubts = [str(doubt) for one in pictures if (doubt := one.get("implausible") or one.get("refused"))]
    seen = f"{len(pictures) - len(doubts)} of the last {len(pictures)} pictures count"
    if 2 * len(doubts) <= len(pictures):
        return fine(subject, seen)
    return attention(subject, f"{seen}; the last doubt: {doubts[0]}", f"phaselog camera pictures {meter}")
