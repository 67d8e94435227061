"""Shows and sets what Phaselog believes of the time: `phaselog clock status`, `phaselog clock set`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from collector.cli.exporting import moment
from collector.cli.options import config_argument, json_option, load_settings
from collector.config.places import runtime_directory, state_directory
from collector.config.settings import Settings
from collector.errors import PhaselogError, UsageError
from collector.model.status import ClockStatus


@click.group()
def clock() -> None:
    """The clock: is the time of day known, and from where."""


@clock.command()
@config_argument
@json_option
def status(config: Path | None, as_json: bool) -> None:
    """Show whether the time is trusted, and from where it is known."""
    settings = load_settings(config)
    found, who = _status(settings)
    if as_json:
        click.echo(json.dumps(asdict(found)))
    elif found.trusted:
        click.echo(f"{who}: trusted, from {found.source}{_offset(found)}{_since(found, settings)}")
    else:
        click.echo(f"{who}: not known yet; readings get an estimated time after {settings.clock.wait:g} s")
        click.echo("set it with: phaselog clock set 2026-11-21T14:30")


@clock.command("set")
@click.argument("time")
@config_argument
def set_(time: str, config: Path | None) -> None:
    """Tell the logger that it is TIME now (ISO 8601; site time unless it has an offset)."""
    settings = load_settings(config)
    at = moment(time, settings.site.zone)
    from collector.pipeline.trusted_time import set_time

    state = state_directory(settings.path)
    try:
        set_time(state, at)
    except ValueError as error:
        raise UsageError(f"{time}: {error}", "the time of day now is meant, not another one") from None
    except OSError as error:
        raise PhaselogError(f"{state}: {error.strerror}", "run it as the user that the collector runs as") from None
    click.echo(f"it is {_shown(at, settings)}; a running collector takes it over within 10 s, until the next boot")


def _status(settings: Settings) -> tuple[ClockStatus, str]:
    """What the running collector knows; without one, what it would know now."""
    from collector.doctor import running
    from collector.pipeline.clock import SiteClock
    from collector.sources.ticker import SystemTicker

    if found := running.status(runtime_directory(settings.path)):
        return found.clock, "the collector's clock"
    here = SiteClock(settings.clock, state_directory(settings.path), SystemTicker())
    here.poll()
    return here.status(), "this machine's clock (the collector does not run)"


def _offset(found: ClockStatus) -> str:
    return "" if found.offset_ms is None else f", {found.offset_ms:+.0f} ms from the system clock"


def _since(found: ClockStatus, settings: Settings) -> str:
    return "" if found.since is None else f", since {_shown(found.since, settings)}"


def _shown(at: int, settings: Settings) -> str:
    local = datetime.fromtimestamp(at / 1000, settings.site.zone)
    return f"{local:%Y-%m-%d %H:%M:%S} in {settings.site.timezone}, {local.astimezone(UTC):%H:%M:%S} UTC"


COMMANDS = (clock,)
