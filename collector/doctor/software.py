"""Looks at what the program is made of: Python and packages against the pins it was tested with."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from collector import __version__
from collector.model.finding import Finding, attention, fine, skipped, wrong

#: The constraint file: of a checkout, or of an installed wheel.
PINS = (Path(__file__).parents[2] / "requirements.txt", Path(sys.prefix) / "share/phaselog/requirements.txt")
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
    there = next((path for path in PINS if path.exists()), None)
    if there is None:
        return skipped("packages", "no requirements.txt beside the program")
    pins = dict(re.findall(r"^([A-Za-z0-9_-]+)==(\S+)$", there.read_text(encoding="utf-8"), re.MULTILINE))
    others = [
        f"{name} {have} (tested: {pins[name]})"
        for name, have in versions().items()
        if have not in (pins[name], "not installed")
    ]
    if others:
        return attention("packages", ", ".join(others), "pip install -c requirements.txt .")
    return fine("packages", "as tested")
