"""Judges whether the logger runs well: one line for every page, and the findings behind it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from collector.config.settings import Settings
from collector.errors import StoreError
from collector.model.status import CollectorStatus, MeterStatus, WriterStatus
from collector.web.wording import sentence, size


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
class Finding:
    """One thing that a person should know, and what to do about it."""

    level: Level
    what: str
    hint: str = ""


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


def findings(
    settings: Settings, status: CollectorStatus | None, problem: StoreError | None, room: Disk | None
) -> list[Finding]:
    """Everything that is not as it should be, the worst first."""
    found = [*_collector(settings, status), *_store(status, problem), *_disk(settings, room)]
    return sorted(found, key=lambda finding: -finding.level)


def _collector(settings: Settings, status: CollectorStatus | None) -> Iterator[Finding]:
    if not settings.meters:
        hint = f"Add a [[line]] and a [[meter]] to {settings.path.name}; `phaselog scan` finds what answers on a wire."
        yield Finding(Level.ATTENTION, "No meter is configured yet.", hint)
    if status is None:
        hint = f"Start it: sudo systemctl start phaselog-collector, or by hand: phaselog run {settings.path.name}"
        yield Finding(Level.WRONG, "The collector is not running.", hint)
        return
    yield from _lines(status)
    # That no meter answers on a line that is not open is no news.
    closed = {line.name for line in status.lines if not line.open}
    yield from _meters([meter for meter in status.meters if meter.line not in closed])
    if not status.clock.trusted:
        hint = "Readings wait for NTP, a clock chip, or `phaselog clock set`."
        yield Finding(Level.ATTENTION, "The time is not known yet.", hint)


def _lines(status: CollectorStatus) -> Iterator[Finding]:
    for line in status.lines:
        if not line.alive:
            yield Finding(Level.WRONG, f"Line {line.name} hangs.", "The watchdog restarts the collector by itself.")
        elif not line.open:
            why = (line.last_error or line.target).rstrip(".")
            hint = sentence(line.hint or "check adapter and cable")
            yield Finding(Level.WRONG, f"Line {line.name} is not open: {why}.", hint)


def _meters(meters: Sequence[MeterStatus]) -> Iterator[Finding]:
    hints = {
        "silent": "Check power and wiring of the meter, its unit number and baud rate.",
        "failing": "Answers come but are not believed: check the wiring, the termination and the model.",
    }
    for state, hint in hints.items():
        names = [meter.name for meter in meters if meter.state == state]
        if names:
            level = Level.WRONG if len(names) == len(meters) else Level.ATTENTION
            yield Finding(level, f"{_several(names)} {'are' if len(names) > 1 else 'is'} {state}.", hint)


def _several(names: Sequence[str]) -> str:
    shown = names if len(names) <= 3 else names[:2]
    rest = f" and {len(names) - 2} more" if len(names) > 3 else ""
    return f"Meter{'s' if len(names) > 1 else ''} {', '.join(shown)}{rest}"


_WRITER = {
    "down": (Level.ATTENTION, "The store is down; readings wait in the spool."),
    "refused": (Level.WRONG, "The store refuses readings; they wait in the spool."),
    "outdated": (Level.WRONG, "The store's schema is outdated; readings wait in the spool."),
    "draining": (Level.ATTENTION, "Readings that waited in the spool are being stored."),
}


def _store(status: CollectorStatus | None, problem: StoreError | None) -> Iterator[Finding]:
    if problem:
        yield Finding(Level.WRONG, f"The page cannot read the store: {str(problem).rstrip('.')}.", problem.hint)
    if status is None:
        return
    yield from _writer(status.writer, told=problem is not None)
    if status.spool.full:
        yield Finding(Level.WRONG, "The spool is full: the oldest readings are given up.", "Bring the store back.")
    elif status.spool.dropped:
        yield Finding(Level.WRONG, f"{status.spool.dropped} readings were given up since the start.", "See the events.")


def _writer(writer: WriterStatus, told: bool) -> Iterator[Finding]:
    judged = _WRITER.get(writer.state)
    if judged and not (told and writer.state == "down"):
        yield Finding(*judged, hint=writer.hint or writer.last_error or "")


def _disk(settings: Settings, room: Disk | None) -> Iterator[Finding]:
    if room and room.free < settings.spool.min_free_bytes:
        yield Finding(Level.WRONG, f"The disk is full: {size(room.free)} left.", "Make room or take a larger card.")
    elif room and room.free < 5 * settings.spool.min_free_bytes:
        yield Finding(Level.ATTENTION, f"The disk fills up: {size(room.free)} left.", "See what takes the space.")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one line. `reading`: UTC ms of the newest reading of all meters."""

    level: Level
    line: str
    hint: str
    more: int
    reading: int | None


def verdict(settings: Settings, found: Sequence[Finding], newest: int | None) -> Verdict:
    """The worst finding, or that all is well."""
    if found:
        return Verdict(found[0].level, found[0].what, found[0].hint, len(found) - 1, newest)
    count = len(settings.meters)
    return Verdict(Level.FINE, f"Running. {count} meter{'s' if count != 1 else ''}, nothing wrong.", "", 0, newest)
