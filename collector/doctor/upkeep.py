"""Looks at what keeps the appliance young: its release, the system's Python, updates, a restart that is due."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

from collector.config.settings import ApplianceSettings
from collector.model.finding import Finding, attention, fine, wrong

_CURRENT = "opt/phaselog/current"
_INSTALL = "sudo ./install_and_config.sh makes the release anew"
_FLAGS = ("run/reboot-required", "run/phaselog-reboot-required")
#: apt's mark of the last unattended upgrade (apt.systemd.daily).
_UPGRADED = "var/lib/apt/periodic/upgrade-stamp"
#: Unattended upgrades run daily; a machine that was off for a weekend is no trouble.
_UPGRADE_DAYS = 7


def release(root: Path) -> Iterator[Finding]:
    """Is the program whole, and made of the Python that this system has."""
    current = root / _CURRENT
    target = current.resolve()
    if not current.is_symlink() or not target.is_dir():
        yield wrong("release", f"the link {current} leads nowhere", _INSTALL)
    elif not os.access(target / "bin/phaselog", os.X_OK) or not (target / "bin/python").exists():
        yield wrong("release", f"{target} is not whole", _INSTALL)
    else:
        yield _python(root, target)


def _python(root: Path, target: Path) -> Finding:
    """An upgrade of the system brings another Python; a release of the old one stops working."""
    system = re.search(r"3\.\d+", (root / "usr/bin/python3").resolve().name)
    made = re.search(r"^version\S* *= *(3\.\d+)", (target / "pyvenv.cfg").read_text(encoding="utf-8"), re.MULTILINE)
    if system and made and system[0] != made[1]:
        return wrong("release", f"made for Python {made[1]}, the system has {system[0]} now", _INSTALL)
    return fine("release", f"{target.name}, Python {made[1] if made else '?'}")


def restart(root: Path) -> Iterator[Finding]:
    """Does a change wait for the next boot."""
    if any((root / flag).exists() for flag in _FLAGS):
        yield attention("restart", "some changes need one", "sudo reboot, when it suits: nothing stored is lost")


def updates(appliance: ApplianceSettings, root: Path) -> Iterator[Finding]:
    """Do security updates come in."""
    if appliance.updates == "none" or not appliance.internet:
        yield fine("updates", "left to a person, as configured")
        return
    try:
        days = (time.time() - (root / _UPGRADED).stat().st_mtime) / 86400
    except FileNotFoundError:
        days = (time.time() - (root / _CURRENT).lstat().st_mtime) / 86400
        if days < _UPGRADE_DAYS:
            yield fine("updates", "come by themselves; the first ones are still to come")
            return
        yield attention("updates", "have never come", "systemctl status apt-daily-upgrade.timer unattended-upgrades")
        return
    seen = f"came last {days:.0f} days ago" if days >= 1 else "came within the last day"
    if days > _UPGRADE_DAYS:
        yield attention("updates", seen, "is the internet reachable? systemctl status apt-daily-upgrade.timer")
    else:
        yield fine("updates", seen)
