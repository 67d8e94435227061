"""Brings in what the earlier PAC3100 logger stored: table `chapada_imperial.multimedidor`, or its CSV export."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from collector.config.settings import SiteSettings, StoreSettings
from collector.errors import StoreRefused, UsageError
from collector.model.ports import StoreWriter
from collector.model.reading import Reading
from collector.store.database import Database
from collector.store.mariadb import MariaDatabase
from collector.store.views import ANCESTOR_COLUMNS, ANCESTOR_DATABASE, ANCESTOR_TABLE, is_table

#: What the earlier table is called once its rows are here, so that the view can have its name.
KEPT_AS = f"{ANCESTOR_TABLE}_ancestor"
#: Rows stored in one transaction.
BATCH = 5000

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Counts:
    """How an import went. `there`: rows that an earlier import had brought; `refused`: rows that are no reading."""

    read: int = 0
    stored: int = 0
    there: int = 0
    refused: int = 0


def import_table(
    settings: StoreSettings, site: SiteSettings, writer: StoreWriter, meter: str, progress: Progress = lambda rows: None
) -> Counts:
    """Brings the live table in, then renames it. May be run again after a break. Raises UsageError, StoreError."""
    database = MariaDatabase(replace(settings, database=ANCESTOR_DATABASE))
    try:
        table = ANCESTOR_TABLE if is_table(database) else KEPT_AS
        if not database.columns(table):
            hint = "name the CSV file that was exported from it"
            raise UsageError(f"there is no table {ANCESTOR_DATABASE}.{ANCESTOR_TABLE} on this server", hint)
        counts = _store(_table_rows(database, table), site.zone, writer, meter, progress)
        if table == ANCESTOR_TABLE:
            database.execute(f"RENAME TABLE {ANCESTOR_TABLE} TO {KEPT_AS}")
        return counts
    finally:
        database.close()


def import_csv(
    path: Path, site: SiteSettings, writer: StoreWriter, meter: str, progress: Progress = lambda rows: None
) -> Counts:
    """Brings a `;`-separated, quoted export in, 21 columns in the table's order, with or without a heading."""
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            rows = csv.reader(file, delimiter=";", quotechar='"')
            return _store(_without_heading(rows), site.zone, writer, meter, progress)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "name the exported CSV file") from error
    except csv.Error as error:
        raise UsageError(f"{path} is no CSV file: {error}", '21 columns, separated by ; and quoted with "') from error


def _without_heading(rows: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    for row in rows:
        if row and row[0].strip().lower() != "datahora":
            yield row


def _table_rows(database: Database, table: str) -> Iterator[Sequence[object]]:
    """The table in order of time, a batch at a time."""
    columns = ", ".join(["datahora", *ANCESTOR_COLUMNS])
    sql = f"SELECT {columns} FROM {table} WHERE datahora > ? ORDER BY datahora LIMIT {BATCH}"
    after: object = "0001-01-01 00:00:00"
    while rows := database.select(sql, (after,)):
        yield from rows
        after = rows[-1][0]


def _store(
    rows: Iterable[Sequence[object]], zone: ZoneInfo, writer: StoreWriter, meter: str, progress: Progress
) -> Counts:
    counts = Counts()
    batch: list[Reading] = []

    def flush() -> Counts:
        stored = writer.commit(batch, catching_up=True)
        progress(counts.read)
        done = replace(counts, stored=counts.stored + stored, there=counts.there + len(batch) - stored)
        batch.clear()
        return done

    for row in rows:
        reading = _reading(row, zone, meter)
        refused = counts.refused + (reading is None)
        counts = replace(counts, read=counts.read + 1, refused=refused)
        if reading is not None:
            batch.append(reading)
        if len(batch) >= BATCH:
            counts = flush()
    counts = flush()
    if counts.read and counts.refused == counts.read:
        raise StoreRefused("no row is one of the earlier logger's: 21 columns, the first a date with time", "")
    return counts


def _reading(row: Sequence[object], zone: ZoneInfo, meter: str) -> Reading | None:
    """A row as a reading; None if it is none. In the hour that the clocks repeat, the first of the two is meant."""
    if len(row) != 1 + len(ANCESTOR_COLUMNS):
        return None
    try:
        local = row[0] if isinstance(row[0], datetime) else datetime.fromisoformat(str(row[0]).strip())
        values = {name: _value(text) for name, text in zip(ANCESTOR_COLUMNS.values(), row[1:], strict=True)}
    except ValueError:
        return None
    moment = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return Reading(meter, round(moment.timestamp() * 1000), values)


def _value(text: object) -> float | None:
    """A number; MariaDB exports a missing one as \\N."""
    written = str(text).strip()
    if text is None or written in ("", r"\N", "NULL"):
        return None
    return float(written.replace(",", "."))
