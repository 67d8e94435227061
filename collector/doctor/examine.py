"""Goes through all checks in the order in which one thing needs the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from collector.config.load import load
from collector.config.places import runtime_directory
from collector.config.settings import Settings
from collector.devices import catalogue
from collector.doctor import machine, running, software, wires
from collector.doctor.finding import Finding, attention, fine, wrong
from collector.doctor.storage import store
from collector.errors import ConfigError


def examine(config: Path) -> Iterator[Finding]:
    """Every finding as soon as it is made; never raises because of what it looks at."""
    yield from software.software()
    try:
        settings = load(config, catalogue.names())
    except ConfigError as error:
        yield from _mistakes(error)
        return
    yield from _configuration(settings)
    status = running.status(runtime_directory(settings.path))
    yield from machine.surroundings(settings, status)
    yield from running.collector(status, settings)
    yield from wires.lines(settings, status)
    yield from store(settings)
    yield from running.page(settings)


def _mistakes(error: ConfigError) -> Iterator[Finding]:
    yield wrong("configuration", str(error), error.hint or "correct it; `phaselog check` tells the same")
    for mistake in error.mistakes:
        yield wrong("configuration", str(mistake), mistake.hint)


def _configuration(settings: Settings) -> Iterator[Finding]:
    if settings.meters:
        yield fine("configuration", f"{settings.path}: {len(settings.meters)} meters on {len(settings.lines)} lines")
    else:
        yield attention(
            "configuration", f"{settings.path}: no meter", "add a [[meter]]: docs/reference/configuration.md"
        )
    for warning in settings.warnings:
        yield attention("configuration", warning, "")
