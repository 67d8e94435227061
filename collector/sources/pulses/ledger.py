"""Keeps counts across restarts: at once in RAM, once a minute on disk.

What is told is what is on disk: a power cut takes back at most a minute of pulses that nobody has been told of, so that
a count never falls. A restart of the program takes back nothing.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

#: s between two writings to the disk.
PERIOD = 60.0


@dataclass(frozen=True, slots=True)
class Count:
    """Pulses of one weight, and what was counted before with other weights (Wh)."""

    pulses: int
    pulses_per_kwh: float
    before_wh: float = 0.0

    @property
    def wh(self) -> float:
        """Wh since the first pulse."""
        return self.before_wh + 1000.0 * self.pulses / self.pulses_per_kwh


class Ledger:
    """The counts of one line; one file in each folder. Without a state folder nothing is told: it could not be true."""

    def __init__(self, line: str, meters: Mapping[str, float], state: Path | None, runtime: Path | None) -> None:
        """`meters`: name -> pulses of a kWh."""
        name = f"pulses-{line}.json"
        self._disk, self._ram = (folder / name if folder else None for folder in (state, runtime))
        self._kept = _read(self._disk)
        newer = _read(self._ram)
        #: Meters that do not hang here today stay in the file.
        self._counts = {**self._kept, **{meter: _more(self._kept.get(meter), count) for meter, count in newer.items()}}
        for meter, weight in meters.items():
            self._counts[meter] = _weighed(self._counts.get(meter), weight)
        self._not_before = float("-inf")
        self._faulty: set[Path] = set()

    def told(self, meter: str) -> float | None:
        """Wh that cannot be lost any more; None while they are not on disk."""
        count = self._kept.get(meter)
        return None if count is None or self._disk in self._faulty else count.wh

    def add(self, pulses: Mapping[str, int]) -> None:
        """Counts, and notes it in RAM."""
        for meter, more in pulses.items():
            count = self._counts[meter]
            self._counts[meter] = Count(count.pulses + more, count.pulses_per_kwh, count.before_wh)
        if self._ram is not None:
            self._write(self._ram, durable=False)

    def keep(self, now: float, *, at_once: bool = False) -> None:
        """Writes to disk what is new, at most once a period. `now`: monotonic s."""
        if self._disk is None or self._counts == self._kept or (now < self._not_before and not at_once):
            return
        self._not_before = now + PERIOD
        if self._write(self._disk, durable=True):
            self._kept = dict(self._counts)

    def _write(self, path: Path, *, durable: bool) -> bool:
        """False, and said once, if it cannot be written."""
        try:
            _write(path, self._counts, durable=durable)
        except OSError as error:
            if path not in self._faulty:
                log.error("%s: cannot be written (%s)", path, error.strerror)
            self._faulty.add(path)
            return False
        self._faulty.discard(path)
        return True


def _more(one: Count | None, other: Count) -> Count:
    return other if one is None or other.wh > one.wh else one


def _weighed(count: Count | None, weight: float) -> Count:
    """A meter whose pulses mean something else now goes on from where it was."""
    if count is None:
        return Count(0, weight)
    return count if count.pulses_per_kwh == weight else Count(0, weight, count.wh)


def _read(path: Path | None) -> dict[str, Count]:
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8")) if path else {}
        return {str(meter): _count(**fields) for meter, fields in content.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        log.warning("%s: holds no counts (%s)", path, error)
        return {}


def _count(pulses: int, pulses_per_kwh: float, before_wh: float) -> Count:
    count = Count(int(pulses), float(pulses_per_kwh), float(before_wh))
    if not (count.pulses >= 0 and 0 < count.pulses_per_kwh < 1e9 and 0 <= count.before_wh < 1e18):
        raise ValueError(f"{count} cannot be")
    return count


def _write(path: Path, counts: Mapping[str, Count], *, durable: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump({meter: asdict(count) for meter, count in counts.items()}, file)
        file.flush()
        if durable:
            os.fsync(file.fileno())
    fresh.replace(path)
    if durable:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
