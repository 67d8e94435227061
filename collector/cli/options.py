"""Holds what several commands ask for: the configuration file, one meter, JSON instead of a table."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import click

from collector.config.places import APPLIANCE_CONFIG
from collector.config.settings import LineSettings, MeterSettings, Settings
from collector.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., object])


def config_argument(command: Command) -> Command:
    """The optional CONFIG argument, as a Path or None."""
    return click.argument("config", required=False, type=click.Path(path_type=Path))(command)


def json_option(command: Command) -> Command:
    """--json, for programs that listen."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(command)


def config_path(given: Path | None) -> Path:
    """The file that is meant when CONFIG is left out: $PHASELOG_CONFIG, else the appliance's."""
    return given or Path(os.environ.get("PHASELOG_CONFIG") or APPLIANCE_CONFIG)


def load_settings(given: Path | None) -> Settings:
    """The checked configuration; raises ConfigError."""
    # pydantic costs 0.1 s that `--help` need not pay.
    from collector.config.load import load
    from collector.devices import catalogue

    return load(config_path(given), catalogue.OFFERS)


def chosen_meters(settings: Settings, name: str | None) -> Sequence[MeterSettings]:
    """The meter of this name, or all; raises UsageError for a name that is not there, or if there is no meter."""
    if name is None:
        if not settings.meters:
            raise UsageError(
                f"no meter is configured in {settings.path}", "add a [[meter]]; docs/reference/configuration.md"
            )
        return settings.meters
    found = [meter for meter in settings.meters if meter.name == name]
    if not found:
        names = ", ".join(meter.name for meter in settings.meters) or "none"
        raise UsageError(f'no meter is called "{name}"', f"configured: {names}")
    return found


def checked_line(name: str, **given: object) -> LineSettings:
    """A line from options of the command line; raises UsageError for a speed or frame that no line can have."""
    from collector.config.schema import checked
    from collector.config.wording import mistake

    values, faults = checked("line", {"name": name, **given})
    for fault in faults:
        found = mistake("line", f"--{fault[0][0]}", fault)
        raise UsageError(str(found), found.hint)
    return LineSettings(**values)
