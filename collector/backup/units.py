"""Stops Phaselog's services for as long as their database changes under them, where systemd runs them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from collector.config.places import APPLIANCE_CONFIG
from collector.errors import PhaselogError

_BOOTED = Path("/run/systemd/system")
_PATTERN = "phaselog-*"


@contextmanager
def stopped(config: Path) -> Iterator[Sequence[str]]:
    """Stops what runs of the appliance's units and starts it again afterwards, also after a failure."""
    active = _active() if config == APPLIANCE_CONFIG and _BOOTED.is_dir() else []
    if active:
        _systemctl("stop", *active)
    try:
        yield active
    finally:
        if active:
            _systemctl("start", "--no-block", *active)


def _active() -> Sequence[str]:
    """Services, sockets and timers that are up; what a timer or socket starts is left to it."""
    listing = _systemctl("list-units", "--plain", "--no-legend", "--state=active,activating", _PATTERN)
    units = [line.split()[0] for line in listing.splitlines() if line.strip()]
    return [unit for unit in units if unit.endswith((".service", ".socket", ".timer"))]


def _systemctl(*arguments: str) -> str:
    program = shutil.which("systemctl")
    if program is None:
        return ""
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = done.stderr.strip() or f"it ended with {done.returncode}"
        raise PhaselogError(f"systemctl {' '.join(arguments)}: {said}", "run it as root: sudo phaselog restore ...")
    return done.stdout
