"""Looks at the configuration: its mistakes, how much it asks for, what it warns of."""

from __future__ import annotations

from collections.abc import Iterator

from collector.config.settings import Settings
from collector.errors import ConfigError
from collector.model.finding import Finding, attention, fine, wrong


def mistakes(error: ConfigError) -> Iterator[Finding]:
    """Every mistake of a file that cannot be used."""
    yield wrong("configuration", str(error), error.hint or "correct it; `phaselog check` tells the same")
    for mistake in error.mistakes:
        yield wrong("configuration", str(mistake), mistake.hint)


def configuration(settings: Settings) -> Iterator[Finding]:
    """A file that can be used."""
    if settings.meters:
        counts = f"{_counted(len(settings.meters), 'meter')} on {_counted(len(settings.lines), 'line')}"
        yield fine("configuration", f"{settings.path}: {counts}")
    else:
        advice = "add a [[line]] and a [[meter]]: docs/reference/configuration.md; `phaselog scan` finds what answers"
        yield attention("configuration", f"{settings.path}: no meter", advice)
    for warning in settings.warnings:
        yield attention("configuration", warning, "")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
