"""Hands stored readings out as CSV, streamed, with progress on stderr: `phaselog export`."""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import IO

import click

from collector.cli.options import chosen_meters, config_argument, load_settings
from collector.cli.reading import flag_words
from collector.config.nearest import nearest
from collector.config.settings import Settings
from collector.errors import UsageError
from collector.model.ports import StoreReader
from collector.model.quantity import QUANTITIES
from collector.model.reading import Reading


@click.command()
@config_argument
@click.option("--from", "since", required=True, help="First moment: 2026-11-01 or 2026-11-01T06:00 (site time).")
@click.option("--to", "until", help="First moment that is left out; default: now.")
@click.option("--meter", help="Only this meter.")
@click.option("--quantity", "quantities", multiple=True, help="Only this quantity; may be given several times.")
@click.option("--format", "shape", type=click.Choice(["csv"]), default="csv", show_default=True, help="Only CSV yet.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="File instead of standard output.")
def export(
    config: Path | None,
    since: str,
    until: str | None,
    meter: str | None,
    quantities: Sequence[str],
    shape: str,
    output: Path | None,
) -> None:
    """Export stored readings as CSV: time (site and UTC), meter, flags, one column per quantity."""
    settings = load_settings(config)
    start = moment(since, settings.site.zone)
    end = moment(until, settings.site.zone) if until else int(time.time() * 1000)
    if end <= start:
        raise UsageError("--to is not after --from", "the moment of --to itself is left out")
    meters = [each.name for each in chosen_meters(settings, meter)]
    names = _names(settings, meters, quantities)
    from collector.store.factory import open_reader

    with closing(open_reader(settings.store, settings.site)) as store, _opened(output) as file:
        progress = Progress(len(meters), *_stored_span(store, start, end))
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["time", "time_utc", "meter", "flags", *names])
        for name in meters:
            progress.begin()
            for reading in store.rows(name, names, start, end):
                lines.writerow(_row(reading, names, settings.site.zone))
                progress.at(reading.time)
    progress.end()


def moment(text: str, zone: tzinfo) -> int:
    """UTC ms of a date or time as a person writes it; without an offset it is the site's."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f'"{text}" is no date or time', "write it like 2026-11-01 or 2026-11-01T06:30") from None
    return int((at if at.tzinfo else at.replace(tzinfo=zone)).timestamp() * 1000)


def _names(settings: Settings, meters: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The quantities to write: those asked for, else all that these meters may have."""
    from collector.service import columns_of

    columns = columns_of(settings)
    known = {name for meter in meters for name in columns[meter]}
    for name in wanted:
        if name not in known:
            raise UsageError(f'no quantity "{name}" is stored for {", ".join(meters)}', nearest(name, known))
    return [name for name in QUANTITIES if name in (wanted or known)]


@contextmanager
def _opened(output: Path | None) -> Iterator[IO[str]]:
    if output is None:
        yield sys.stdout
        return
    try:
        with output.open("w", newline="", encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise UsageError(f"{output}: {error.strerror}", "name another file with --output") from None


def _stored_span(store: StoreReader, start: int, end: int) -> tuple[int, int]:
    """The part of the asked time in which there is anything, so that the time left can be told."""
    status = store.status()
    return max(start, status.first or start), min(end, status.last or end)


def _row(reading: Reading, names: Sequence[str], zone: tzinfo) -> list[object]:
    at = datetime.fromtimestamp(reading.time / 1000, zone)
    utc = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    values = (reading.values.get(name) for name in names)
    flags = " ".join(flag_words(reading.flags))
    return [at.isoformat(timespec="milliseconds"), utc, reading.meter, flags, *("" if v is None else v for v in values)]


class Progress:
    """How far it is and how long it will take, rewritten on stderr twice a second when a person watches."""

    def __init__(self, meters: int, start: int, end: int) -> None:
        self._meters, self._start, self._span = meters, start, max(1, end - start)
        self._began = self._shown = time.monotonic()
        self._meter = -1
        self._rows = 0
        self._watched = sys.stderr.isatty()

    def begin(self) -> None:
        """The next meter."""
        self._meter += 1

    def at(self, now: int) -> None:
        """A reading of this time (UTC ms) was written."""
        self._rows += 1
        if not self._watched or self._rows % 500:
            return
        clock = time.monotonic()
        if clock - self._shown >= 0.5:
            self._shown = clock
            share = (self._meter + (now - self._start) / self._span) / self._meters
            left = (clock - self._began) * (1 - share) / share if share > 0 else 0.0
            click.echo(f"\r{share:4.0%}  {self._rows} readings, {_clock(left)} left ", nl=False, err=True)

    def end(self) -> None:
        """Everything is written."""
        click.echo(("\r" if self._watched else "") + f"{self._rows} readings exported".ljust(50).rstrip(), err=True)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} min" if minutes else f"{rest} s"


COMMANDS = (export,)
