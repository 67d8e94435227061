"""Goes through what only an appliance has: units, accounts, watchdog, card, power, backups; elsewhere nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from collector.config.places import APPLIANCE_CONFIG, backup_directory
from collector.config.settings import Settings
from collector.doctor.accounts import accounts, database_port
from collector.doctor.attempt import attempted
from collector.doctor.board import clock_chip, power, watchdog
from collector.doctor.card import card, memory
from collector.doctor.safekeeping import backups
from collector.doctor.units import units
from collector.doctor.upkeep import release, restart, updates
from collector.model.finding import Finding


def appliance(settings: Settings, root: Path = Path("/")) -> Iterator[Finding]:
    """Findings on an appliance, none on a developer's machine or in a trial. `root`: where the system's files are."""
    if settings.path != APPLIANCE_CONFIG:
        return
    yield from bare(settings.path, root)
    yield from _made({
        "database accounts": lambda: accounts(settings.store),
        "database port": lambda: database_port(settings.store, settings.appliance.remote_database, root),
        "updates": lambda: updates(settings.appliance, root),
        "clock chip": lambda: clock_chip(settings.appliance, root),
    })  # fmt: skip


def bare(config: Path, root: Path = Path("/")) -> Iterator[Finding]:
    """What can be looked at while the configuration cannot be read."""
    if config != APPLIANCE_CONFIG:
        return
    yield from _made({
        "services": lambda: units(root),
        "backup": lambda: backups(backup_directory(config), _set_up(root)),
        "release": lambda: release(root),
        "restart": lambda: restart(root),
        "watchdog": lambda: watchdog(root),
        "power": lambda: power(root),
        "card": lambda: card(root),
        "memory": lambda: memory(root),
    })  # fmt: skip


def _made(looks: Mapping[str, Callable[[], Iterable[Finding]]]) -> Iterator[Finding]:
    for subject, look in looks.items():
        yield from attempted(subject, look)


def _set_up(root: Path) -> int | None:
    """UTC ms when the release in use was put there."""
    try:
        return int((root / "opt/phaselog/current").lstat().st_mtime * 1000)
    except OSError:
        return None
