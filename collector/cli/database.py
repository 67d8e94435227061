"""Looks after the database: schema, retention, old data: `phaselog db`."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from collector.cli.importing import import_multimedidor
from collector.cli.options import config_argument, json_option, load_settings
from collector.config.duration import written_octets
from collector.config.settings import Settings
from collector.model.series import StoreStatus


@click.group()
def db() -> None:
    """The database: tables and columns, what it holds, retention, old data."""


@db.command()
@config_argument
def migrate(config: Path | None) -> None:
    """Create or complete tables, columns and partitions; says what was done."""
    settings = load_settings(config)
    from collector import service

    _tell(service.maintain(settings, retain=False), "nothing to do: the schema is current")


@db.command()
@config_argument
def maintain(config: Path | None) -> None:
    """Migrate, then remove what retention no longer keeps (what the daily timer runs)."""
    settings = load_settings(config)
    from collector import service

    _tell(service.maintain(settings), "nothing to do")


def _tell(done: Sequence[str], nothing: str) -> None:
    for line in done or [nothing]:
        click.echo(line)


@db.command()
@config_argument
@json_option
def status(config: Path | None, as_json: bool) -> None:
    """Show what the database holds and what is missing in its schema."""
    settings = load_settings(config)
    from collector import service
    from collector.store.factory import open_maintainer, open_reader

    with closing(open_reader(settings.store, settings.site)) as reader:
        found = reader.status()
    with closing(open_maintainer(settings.store, settings.site)) as maintainer:
        due = [*maintainer.pending(service.columns_of(settings), int(time.time() * 1000))]
    if as_json:
        click.echo(json.dumps({**asdict(found), "pending": due}))
        return
    click.echo(_described(found, settings))
    for line in due:
        click.echo(f"due: {line}")
    click.echo(f"do it with: phaselog db migrate {settings.path}" if due else "the schema is current")


def _described(found: StoreStatus, settings: Settings) -> str:
    def at(moment: int) -> str:
        return f"{datetime.fromtimestamp(moment / 1000, settings.site.zone):%Y-%m-%d %H:%M:%S}"

    span = f", from {at(found.first)} to {at(found.last)}" if found.first and found.last else ""
    size = written_octets(found.bytes)
    return f"{found.kind} {found.version}, schema {found.schema}: {found.readings} readings{span}, {size}"


db.add_command(import_multimedidor)

COMMANDS = (db,)
