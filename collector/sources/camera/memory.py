"""Remembers across restarts what counted and what waits: one small file a meter."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from collector.sources.camera.judge import Judge, Shown, Waiting

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
            known = {code: _remembered(told["registers"][code], shift) for code in judges if code in told["registers"]}
            self.installed, self.refusals = str(told["installed"]), int(told["refusals"])
            if shift is not None:
                self.seen = {code: float(at) + shift for code, at in told["seen"].items()}
        except FileNotFoundError:
            return
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            log.warning("%s: cannot be used (%s); the meter's next readings must agree first", self.path, error)
            return
        for code, fields in known.items():
            for name, value in fields.items():
                setattr(judges[code], name, value)

    def save(self, judges: Mapping[str, Judge], now: float) -> None:
        """Writes down what the judges know; that it cannot is no reason to stop reading."""
        if self.path is None:
            return
        registers = {code: _plain(judge) for code, judge in judges.items()}
        told = {"boot": _boot(), "boottime": now, "utc": time.time(), "installed": self.installed,
                "refusals": self.refusals, "seen": self.seen, "registers": registers}  # fmt: skip
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


def _remembered(known: Mapping[str, Any], shift: float | None) -> dict[str, Any]:
    """What a judge knew. After a reboot only what cannot be waits still: a reading's time is one of this boot."""
    waiting = [Waiting(_shown(one, shift), _number(one[2]), int(one[3]), bool(one[4])) for one in known["waiting"]]
    return {
        "end": float(known["end"]),
        "trusting": bool(known["trusting"]),
        "agreed": [_shown(one, shift) for one in known["agreed"]],
        "last": None if known["last"] is None else _shown(known["last"], shift),
        "waiting": [one for one in waiting if shift == 0.0 or (shift is not None and not one.possible)],
    }


def _shown(one: Sequence[Any], shift: float | None) -> Shown:
    at = _number(one[1])
    return Shown(float(one[0]), None if at is None or shift is None else at + shift)


def _number(told: float | None) -> float | None:
    return None if told is None else float(told)


def _plain(judge: Judge) -> dict[str, Any]:
    return {
        "end": judge.end,
        "trusting": judge.trusting,
        "agreed": [(one.value, one.time) for one in judge.agreed],
        "last": None if judge.last is None else (judge.last.value, judge.last.time),
        "waiting": [(one.shown.value, one.shown.time, one.jump, one.row, one.fell) for one in judge.waiting],
    }


def _boot() -> str:
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""
