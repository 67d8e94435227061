"""Judges whether the logger runs well: one line for every page, from what the doctor found."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from collector.config.settings import Settings
from collector.model.finding import Finding, State
from collector.web.language import marked, ngettext
from collector.web.said_elsewhere import said

#: How the levels are called, for those who hear the page.
LEVELS = (marked("fine"), marked("attention"), marked("wrong"), marked("skipped"))


class Level(IntEnum):
    """How bad it is."""

    FINE = 0
    ATTENTION = 1
    WRONG = 2

    @property
    def word(self) -> str:
        """`fine`, `attention` or `wrong`."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Disk:
    """Space where the logger writes, bytes."""

    free: int
    total: int


def disk(path: Path) -> Disk | None:
    """Space at `path` or its nearest existing parent; None where that cannot be told."""
    for folder in (path, *path.parents):
        try:
            usage = shutil.disk_usage(folder)
        except OSError:
            continue
        return Disk(usage.free, usage.total)
    return None


def ordered(now: Sequence[Finding], looked: Sequence[Finding]) -> list[Finding]:
    """Both lists as one, the gravest first; what is known at this moment counts for more than an earlier look."""
    fresh = {finding.subject for finding in now}
    return sorted(
        [*now, *(each for each in looked if each.subject not in fresh)], key=lambda finding: -finding.state.weight
    )


def sentence(finding: Finding) -> str:
    """A finding as one sentence without its advice."""
    text = f"{said(finding.subject)}: {said(finding.seen)}"
    return f"{text[0].upper()}{text[1:]}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one line. `reading`: UTC ms of the newest reading of all meters."""

    level: Level
    line: str
    hint: str
    more: int
    reading: int | None


def verdict(settings: Settings, found: Sequence[Finding], newest: int | None) -> Verdict:
    """The gravest finding (they come in this order), or that all is well."""
    troubles = [finding for finding in found if finding.troubles]
    if troubles:
        worst = troubles[0]
        level = Level.WRONG if worst.state is State.WRONG else Level.ATTENTION
        return Verdict(level, sentence(worst), said(worst.advice), len(troubles) - 1, newest)
    count = len(settings.meters)
    line = ngettext("Running. %(num)s meter, nothing wrong.", "Running. %(num)s meters, nothing wrong.", count)
    return Verdict(Level.FINE, line, "", 0, newest)
