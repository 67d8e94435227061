"""Remembers across restarts what counted and what waits: one small file a meter."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from collector.sources.camera.judge import Judge, Shown

log = logging.getLogger(__name__)

_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(slots=True)
class Memory:
    """What one meter's judges know. Without `path` it is remembered until the program ends."""

    path: Path | None = None
    installed: str = ""
    refusals: int = 0
    seen: dict[str, float] = field(default_factory=dict)  #: code -> time (s) of its newest picture

    def load(self, judges: Mapping[str, Judge], now: float) -> None:
        """Gives the judges what was written. `now`: s of CLOCK_BOOTTIME."""
        if self.path is None:
            return
        try:
            told = json.loads(self.path.read_bytes())
            shift = _shift(told, now)
            self.installed, self.refusals = str(told["installed"]), int(told["refusals"])
            for code, judge in judges.items():
                if (known := told["registers"].get(code)) is not None:
                    judge.counted = [_moved(one, shift) for one in known["counted"]]
                    judge.waiting = [_moved(one, shift) for one in known["waiting"]] if shift == 0.0 else []
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("%s: cannot be used (%s); the meter's next readings must agree first", self.path, error)

    def save(self, judges: Mapping[str, Judge], now: float) -> None:
        """Writes down what the judges know; that it cannot is no reason to stop reading."""
        if self.path is None:
            return
        registers = {
            code: {"counted": [_plain(one) for one in judge.counted], "waiting": [_plain(one) for one in judge.waiting]}
            for code, judge in judges.items()
        }
        told = {"boot": _boot(), "boottime": now, "utc": time.time(), "installed": self.installed,
                "refusals": self.refusals, "registers": registers}  # fmt: skip
        fresh = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(told) + "\n")
            os.replace(fresh, self.path)  # noqa: PTH105
        except OSError as error:
            log.warning("%s: cannot be written (%s)", self.path, error.strerror)


def _shift(told: Mapping[str, Any], now: float) -> float | None:
    """s to add to the times in the file; None where nobody knows how long the machine was off."""
    if told["boot"] == _boot():
        return 0.0
    passed = time.time() - float(told["utc"])
    return now - passed - float(told["boottime"]) if passed > 0 else None


def _moved(one: list[float | None], shift: float | None) -> Shown:
    value, at = one
    if value is None:
        raise ValueError("a reading without a value")
    return Shown(float(value), None if at is None or shift is None else float(at) + shift)


def _plain(one: Shown) -> list[float | None]:
    return [one.value, one.time]


def _boot() -> str:
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""
