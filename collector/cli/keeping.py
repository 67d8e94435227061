"""Keeps what is stored safe on another disk, and brings it back: `phaselog backup`, `phaselog restore`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.complaint import say_warning
from collector.cli.options import config_argument, config_path, json_option, load_settings
from collector.cli.table import aligned
from collector.config.duration import written_octets
from collector.config.settings import Settings
from collector.errors import UsageError

if TYPE_CHECKING:
    from collector.backup.folder import Kept
    from collector.backup.making import Made
    from collector.backup.restoring import Restored
    from collector.model.backup import BackupStatus


@click.command()
@config_argument
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), help="Folder; default: backup.folder.")
@click.option("--list", "listing", is_flag=True, help="Show which backups there are, instead of making one.")
@click.option("--copy", is_flag=True, help="Send the backups to backup.copy_to, instead of making one.")
@json_option
def backup(config: Path | None, to: Path | None, listing: bool, copy: bool, as_json: bool) -> None:
    """Back everything up into one file, read it back, and remove what backup.keep_* no longer keeps.

    It holds the configuration, the database as of one moment, and what the collector has learned. Passwords in files
    of their own are not in it.
    """
    settings = load_settings(config)
    if listing:
        _list(settings, to or Path(settings.backup.folder), as_json)
    elif copy:
        from collector.backup.copying import copy_out

        click.echo(copy_out(settings))
    else:
        from collector.backup.nightly import back_up

        _tell(back_up(settings, to), settings, as_json)


def _tell(made: Made, settings: Settings, as_json: bool) -> None:
    from collector.backup.folder import same_disk

    found = {"file": str(made.path), "size": made.size, "readings": made.manifest.readings, "verified": True}
    if as_json:
        click.echo(json.dumps(found))
    else:
        size = written_octets(made.size)
        click.echo(f"{made.path}: {size}, {made.manifest.readings} readings, read back and found whole")
    if said := same_disk(made.path.parent, settings):
        say_warning(said)


def _list(settings: Settings, folder: Path, as_json: bool) -> None:
    from collector.backup.folder import listed
    from collector.config.places import backup_directory
    from collector.model.backup import BackupStatus, read_backup_status

    backups = listed(folder)
    status = read_backup_status(backup_directory(settings.path)) or BackupStatus()
    if as_json:
        rows = [{"file": str(kept.path), "made": kept.made, "size": kept.size} for kept in backups]
        click.echo(json.dumps({"backups": rows, "status": json.loads(status.to_json())}))
        return
    for line in _table(backups, status, settings):
        click.echo(line)


def _table(backups: Sequence[Kept], status: BackupStatus, settings: Settings) -> Sequence[str]:
    if not backups:
        return ["no backup yet"]
    head = ("file", "made", "age", "size", "checked")
    tested = None if status.test_error else status.tested_file
    rows = [_row(kept, tested, settings) for kept in backups]
    lines = aligned([head, *rows])
    lines += [f"last failure: {status.error}"] if status.error else []
    return lines + ([f"last restore test failed: {status.test_error}"] if status.test_error else [])


def _row(kept: Kept, tested: str | None, settings: Settings) -> tuple[str, ...]:
    local = datetime.fromtimestamp(kept.made / 1000, settings.site.zone)
    # Only what was read back whole ever gets its name.
    checked = "restored in a test" if kept.path.name == tested else "read back"
    age = _age(time.time() * 1000 - kept.made)
    return kept.path.name, f"{local:%Y-%m-%d %H:%M}", age, written_octets(kept.size), checked


def _age(ms: float) -> str:
    hours = ms / 3_600_000
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} d"


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--config", type=click.Path(path_type=Path), help="CONFIG; default: as everywhere.")
@click.option("--test", is_flag=True, help="Only try: load FILE (default: the newest), compare, remove it again.")
@click.option("--replace", is_flag=True, help="Put the database that is there aside, though it holds other readings.")
def restore(file: Path | None, config: Path | None, test: bool, replace: bool) -> None:
    """Bring a backup back: database, configuration, and what the collector had learned.

    On a fresh card: install Phaselog first, then run this as root. The file is checked before anything is touched;
    what was there is kept under another name.
    """
    if test:
        _rehearse(load_settings(config), file)
    elif file is None:
        raise UsageError("which backup?", "phaselog restore FILE; phaselog backup --list tells which there are")
    else:
        _restore(config_path(config), file, replace)


def _rehearse(settings: Settings, file: Path | None) -> None:
    from collector.backup.rehearsal import rehearse

    path, manifest = rehearse(settings, file, _progress("restore test"))
    rows = sum(content.rows for content in manifest.tables.values())
    click.echo(f"{path}: restored for a test; {len(manifest.tables)} tables, {rows} rows, all as they were")


def _restore(config: Path, file: Path, replace: bool) -> None:
    from collector import service
    from collector.backup.configuring import configured
    from collector.backup.restoring import Restoring
    from collector.backup.units import stopped

    with closing(Restoring(file)) as restoring, configured(restoring, config) as settings:
        restoring.require_free(settings.store, replace)
        with stopped(config) as units:
            _require_stopped(config)
            # Once more: the collector stores what it holds before it ends.
            restoring.require_free(settings.store, replace)
            restoring.database(settings.store, _progress("restoring"))
            restoring.state(config)
            migrated = service.maintain(settings, retain=False)
        _tell_restored(restoring.done, config, [*migrated], units)


def _require_stopped(config: Path) -> None:
    """A collector that is not one of systemd's would go on writing into the database that is put aside."""
    from collector.config.places import runtime_directory
    from collector.doctor import running

    found = running.status(runtime_directory(config))
    if found is not None and Path(f"/proc/{found.pid}").exists():
        raise UsageError(f"the collector still runs (process {found.pid})", "end it, then restore")


def _tell_restored(done: Restored, config: Path, migrated: Sequence[str], units: Sequence[str]) -> None:
    rows = sum(content.rows for content in done.manifest.tables.values())
    click.echo(f"database: {done.manifest.readings} readings, {rows} rows in all, compared with the backup")
    click.echo(f"configuration: {config}; {done.state_files} files of what the collector had learned")
    for line in migrated:
        click.echo(f"brought up to date: {line}")
    for kept in done.kept:
        click.echo(f"kept from before: {kept}")
    if units:
        click.echo(f"started again: {', '.join(units)}")
        click.echo("if the configuration is another one now, run install_and_config.sh again")


def _progress(word: str) -> Callable[[int, int], None]:
    """Rewrites one line on stderr, when a person watches: share done and time left."""
    began = time.monotonic()

    def tell(done: int, total: int) -> None:
        if not sys.stderr.isatty():
            return
        if done >= total:
            click.echo("\r\x1b[K", nl=False, err=True, color=True)
            return
        left = (time.monotonic() - began) / max(done, 1) * (total - done)
        click.echo(f"\r\x1b[K{word}: {done / total:.0%}, {left:.0f} s left ", nl=False, err=True, color=True)

    return tell


COMMANDS = (backup, restore)
