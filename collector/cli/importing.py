"""Brings in what the earlier PAC3100 logger stored: `phaselog db import-multimedidor`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.options import chosen_meters, config_argument, load_settings
from collector.config.settings import Settings
from collector.errors import UsageError

if TYPE_CHECKING:
    from collector.model.ports import StoreWriter
    from collector.store.multimedidor import Counts


@click.command("import-multimedidor")
@config_argument
@click.option("--csv", type=click.Path(path_type=Path), help="Exported file; default: the table on the same server.")
@click.option("--meter", help="Meter the rows belong to; default: store.compatible_meter, or the only one.")
def import_multimedidor(config: Path | None, csv: Path | None, meter: str | None) -> None:
    """Bring in the rows of the earlier logger (table chapada_imperial.multimedidor, or its CSV export).

    May be run again: what is there already is not stored twice. Rows older than store.keep_raw_days stay as summaries
    only, once retention has run.
    """
    settings = load_settings(config)
    name = _meter(settings, meter)
    if csv is None and settings.store.kind != "mariadb":
        raise UsageError(
            "the earlier table is in MariaDB, this store is SQLite", "export it and name the file with --csv"
        )
    from collector import service

    service.maintain(settings, retain=False)
    with _writer(settings) as writer:
        counts = _imported(settings, writer, name, csv)
        _roll_up(writer)
    # The view takes the table's name once the table has been renamed.
    service.maintain(settings, retain=False)
    click.echo(
        f"{counts.read} rows read: {counts.stored} stored for {name}, {counts.there} were there already,"
        f" {counts.refused} refused"
    )


@contextmanager
def _writer(settings: Settings) -> Iterator[StoreWriter]:
    from collector.store.factory import open_writer

    with closing(open_writer(settings.store, settings.site)) as writer:
        yield writer


def _imported(settings: Settings, writer: StoreWriter, meter: str, csv: Path | None) -> Counts:
    from collector.store.multimedidor import import_csv, import_table

    if csv is not None:
        return import_csv(csv, settings.site, writer, meter, _progress)
    return import_table(settings.store, settings.site, writer, meter, _progress)


def _meter(settings: Settings, given: str | None) -> str:
    meters = chosen_meters(settings, given or settings.store.compatible_meter)
    if len(meters) > 1:
        names = ", ".join(meter.name for meter in meters)
        raise UsageError("which meter do the rows belong to?", f"name it with --meter: {names}")
    return meters[0].name


def _roll_up(writer: StoreWriter) -> None:
    while left := writer.roll_up():
        _tell(f"{left} summaries left to compute ")
    _tell("")


def _progress(rows: int) -> None:
    _tell(f"{rows} rows read ")


def _tell(text: str) -> None:
    """Rewrites one line on stderr, when a person watches."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{text}", nl=False, err=True, color=True)
