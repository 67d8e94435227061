"""Looks at the machine: Python and packages, disk, clock, time zone."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from collector import BUILD_DATE, __version__
from collector.config.duration import written_octets
from collector.config.places import state_directory
from collector.config.settings import Settings
from collector.doctor.finding import Finding, attention, fine, skipped, wrong
from collector.pipeline.clock import SiteClock
from collector.sources.ticker import SystemTicker

#: The constraint file of a checkout; a bare wheel has none.
PINS = Path(__file__).parents[2] / "requirements.txt"
#: What the program itself is made of.
PACKAGES = ("click", "Flask", "mariadb", "pydantic", "pymodbus", "pyserial", "tzdata", "waitress")


def software() -> Iterator[Finding]:
    """Versions against the pins that Phaselog was tested with."""
    python = ".".join(str(part) for part in sys.version_info[:3])
    if (3, 11) <= sys.version_info[:2] < (3, 14):
        yield fine("software", f"Phaselog {__version__}, Python {python}")
    else:
        yield wrong("software", f"Python {python}", "Phaselog is tested with Python 3.11 to 3.13")
    yield _packages()


def versions() -> dict[str, str]:
    """Installed version of every package the program is made of."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _packages() -> Finding:
    if not PINS.exists():
        return skipped("packages", "no requirements.txt beside the program")
    pins = dict(re.findall(r"^([A-Za-z0-9_-]+)==(\S+)$", PINS.read_text(encoding="utf-8"), re.MULTILINE))
    others = [
        f"{name} {have} (tested: {pins[name]})"
        for name, have in versions().items()
        if have not in (pins[name], "not installed")
    ]
    if others:
        return attention("packages", ", ".join(others), "pip install -c requirements.txt .")
    return fine("packages", "as tested")


def surroundings(settings: Settings) -> Iterator[Finding]:
    """What every logger needs of its machine."""
    yield _clock(settings)
    yield fine("time zone", f"days are those of {settings.site.timezone}")
    yield _disk(settings)


def _clock(settings: Settings) -> Finding:
    clock = SiteClock(settings.clock, state_directory(settings.path), SystemTicker())
    clock.poll()
    status = clock.status()
    if status.trusted:
        return fine("clock", f"trusted, from {status.source}")
    advice = "connect it to the internet (NTP), add a clock chip, or `phaselog clock set`"
    return attention("clock", f"not trusted yet (Phaselog itself is of {BUILD_DATE}): times will be estimated", advice)


def _disk(settings: Settings) -> Finding:
    folder = nearest_folder(state_directory(settings.path))
    free, floor = shutil.disk_usage(folder).free, settings.spool.min_free_bytes
    seen = f"{written_octets(round(free, -8))} free at {folder}"
    if free < floor:
        return wrong(
            "disk", seen, f"free at least {written_octets(floor)}: below that nothing can wait for the database"
        )
    if free < 2 * floor:
        return attention("disk", seen, "make room, or let readings be kept for a shorter time")
    return fine("disk", seen)


def nearest_folder(path: Path) -> Path:
    """The folder itself, or the first one above it that exists."""
    return next(folder for folder in (path, *path.parents) if folder.exists())
