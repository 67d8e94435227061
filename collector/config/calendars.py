"""Loads the named calendars of holidays: one data file each in folder `calendars`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("calendars")


@cache
def names() -> tuple[str, ...]:
    """All of them."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def rules(name: str) -> tuple[str, ...]:
    """The rules of a calendar, see `model.holidays`."""
    return tuple(tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))["days"])


def title(name: str) -> str:
    """What it holds."""
    return str(tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))["title"])
