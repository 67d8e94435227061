"""Judges a configuration before anything runs: `phaselog check`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from collector.cli.complaint import say_warning
from collector.cli.options import config_argument, json_option, load_settings
from collector.config.duration import written
from collector.config.settings import LineSettings, Settings, StoreSettings
from collector.errors import ConfigError, Mistake
from collector.model.tariff import Tariff
from collector.sources.owner import describe


@click.command()
@config_argument
@json_option
def check(config: Path | None, as_json: bool) -> None:
    """Check the configuration: all mistakes at once, or what will be logged.

    With --json every setting, defaults filled in; the installer reads them there.
    """
    settings = load_settings(config)
    columns = _checked_columns(settings)
    if as_json:
        click.echo(json.dumps(asdict(settings), default=str, indent=2))
        return
    click.echo(f"{settings.path}: no mistake found")
    for line in settings.lines:
        click.echo(f"  line {line.name}: {_wire(line)}")
        for meter in settings.meters_on(line.name):
            facts = (meter.model, meter.place(line.protocol), f"every {written(meter.every)}")
            click.echo(
                f"    meter {meter.name}: {', '.join(filter(None, facts))}, {len(columns[meter.name])} quantities"
            )
    if not settings.meters:
        click.echo("  no meter: nothing will be logged until there is a [[meter]]")
    click.echo(f"  store: {_store(settings.store)}, written every {written(settings.store.commit_every)}")
    for tariff in settings.tariffs:
        click.echo(f"  tariff {tariff.name}: {_tariff(tariff)}")
    click.echo(f"  days are those of {settings.site.timezone}")
    for warning in settings.warnings:
        say_warning(warning)


def _checked_columns(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Meter -> its quantities; ConfigError when a table would become too wide for the database."""
    from collector.service import columns_of
    from collector.store.columns import row_size

    columns = {meter: tuple(quantities) for meter, quantities in columns_of(settings).items()}
    everything = tuple(dict.fromkeys(name for quantities in columns.values() for name in quantities))
    if problems := row_size(everything):
        hint = "models with fewer quantities, or a second logger with a database of its own"
        mistakes = [Mistake("meter", problem, hint) for problem in problems]
        raise ConfigError(f"{settings.path}: more than one database row can hold", mistakes)
    return columns


def _tariff(tariff: Tariff) -> str:
    bands = ", ".join(f"{band.name} {band.price}" for band in tariff.bands)
    whose = ", ".join(tariff.meters) or "all meters"
    return f"{whose}, from {tariff.valid_from}, {tariff.currency} for a kWh: {bands}"


def _wire(line: LineSettings) -> str:
    if line.host and line.protocol == "modbus":
        return f"{line.host}:{line.tcp_port}, " + ("Modbus TCP" if line.framing == "tcp" else "RTU frames over TCP")
    return f"{describe(line)}, {line.protocol}"


def _store(store: StoreSettings) -> str:
    if store.kind == "sqlite":
        return f"SQLite file {store.path}"
    where = f"at {store.host}:{store.tcp_port}" if store.host else "on this machine"
    return f"MariaDB database {store.database} {where}"


COMMANDS = (check,)
