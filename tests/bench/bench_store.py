"""Measures the store: how fast an outage is drained, what a minute's commit writes, how fast a year is handed out."""

from __future__ import annotations

import csv
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from collector.config.settings import SiteSettings, StoreSettings
from collector.model.quantity import QUANTITIES, Kind
from collector.model.reading import Reading
from collector.model.series import Resolution
from collector.store.factory import open_maintainer, open_reader, open_writer
from collector.store.mariadb import MariaDatabase
from tests.bench.figures import Figure
from tests.contract.stores import Server

GAUGES = [name for name, quantity in QUANTITIES.items() if quantity.kind is Kind.GAUGE][:16]
COUNTERS = ["active_energy_import", "active_energy_export", "reactive_energy_import", "reactive_energy_export"]
NAMES = [*GAUGES, *COUNTERS]
METERS = [f"meter-{number}" for number in range(10)]
START = 1_790_000_040_000
SITE = SiteSettings()
BATCH = 6000
DRAINED = 60_000
MINUTES = 15
#: Real seconds from one simulated minute's commit to the next: InnoDB's own background work runs by real time.
PACE = 2.0


def _readings(meters: list[str], seconds: int, start: int = START) -> list[Reading]:
    source = random.Random(1)
    return [
        Reading(
            meter,
            start + second * 1000,
            {
                **{name: 230 + source.random() for name in GAUGES},
                **dict.fromkeys(COUNTERS, 1000000.0 + second / 3),
            },
        )
        for second in range(seconds)
        for meter in meters
    ]


@contextmanager
def _server(folder: Path) -> Iterator[Server]:
    server = Server(folder, ("--local-infile=1",))
    folder.mkdir()
    server.install()
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _settings(server: Server) -> StoreSettings:
    return StoreSettings(kind="mariadb", socket=server.socket, user="root")


def _migrated(settings: StoreSettings, meters: list[str]) -> None:
    maintainer = open_maintainer(settings, SITE)
    maintainer.migrate(dict.fromkeys(meters, NAMES), START)
    maintainer.close()


def _drain(settings: StoreSettings, readings: list[Reading]) -> tuple[float, float]:
    """(readings/s of catching up, s that the rollups then take)."""
    _migrated(settings, METERS)
    writer = open_writer(settings, SITE, now=lambda: 0)
    began = time.perf_counter()
    stored = sum(writer.commit(readings[at : at + BATCH], catching_up=True) for at in range(0, len(readings), BATCH))
    done = time.perf_counter()
    assert stored == len(readings)
    while writer.roll_up():
        pass
    rolled = time.perf_counter()
    writer.close()
    return stored / (done - began), rolled - done


def _load_data(server: Server, readings: list[Reading], file: Path) -> float:
    """Readings/s of LOAD DATA LOCAL into an empty table of the same shape."""
    with file.open("w", newline="") as out:
        rows = csv.writer(out)
        for each in readings:
            at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(each.time / 1000))
            rows.writerow([METERS.index(each.meter) + 1, at, 0, *(each.values[name] for name in NAMES)])
    columns = f"meter_id, time, flags, {', '.join(NAMES)}"
    server.sql("CREATE TABLE phaselog.bare LIKE phaselog.reading")
    sql = f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE phaselog.bare FIELDS TERMINATED BY ',' ({columns})"
    began = time.perf_counter()
    subprocess.run([*server.client(sql), "--local-infile=1"], check=True, capture_output=True)
    return len(readings) / (time.perf_counter() - began)


def _written(server: Server) -> int:
    assert server.process is not None
    lines = Path(f"/proc/{server.process.pid}/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("write_bytes"))


def _fsyncs(server: Server) -> int:
    sql = "SHOW GLOBAL STATUS WHERE Variable_name IN ('Innodb_data_fsyncs', 'Innodb_os_log_fsyncs')"
    return sum(int(line.split()[1]) for line in server.sql(sql).splitlines())


def _flush(server: Server) -> None:
    """Until every changed page is on the disk."""
    server.sql("SET GLOBAL innodb_max_dirty_pages_pct = 0, GLOBAL innodb_max_dirty_pages_pct_lwm = 0")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.sql("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'").split()[1] == "0":
            break
        time.sleep(0.2)
    server.sql("SET GLOBAL innodb_max_dirty_pages_pct = 90")


def _worn(server: Server, store: Callable[[list[Reading]], object]) -> tuple[int, float]:
    """(octets written for 15 minutes, all pages flushed; fsyncs a minute before that flush)."""
    store(_readings(METERS[:1], 60, START - 60_000))  # new tables and first pages are no wear of every day
    _flush(server)
    time.sleep(1)
    octets, fsyncs = _written(server), _fsyncs(server)
    for minute in range(MINUTES):
        store(_readings(METERS[:1], 60, START + minute * 60_000))
        time.sleep(PACE)
    synced = (_fsyncs(server) - fsyncs) / MINUTES
    _flush(server)
    return _written(server) - octets, synced


def _wear(folder: Path) -> list[Figure]:
    """Both on a server of their own, made alike: what was written before would count."""
    with _server(folder / "whole") as server:
        octets, fsyncs = _worn(server, _whole(server))
    with _server(folder / "bare") as server:
        bare_octets, bare_fsyncs = _worn(server, _bare(server))
    note = (
        f"{octets / 1024:.0f} kB against {bare_octets / 1024:.0f} kB for 15 minutes, one commit every {PACE:g} s real"
    )
    return [
        Figure("wear: written bytes / bare wide inserts", octets / bare_octets, most=1.5, note=note),
        Figure("wear: fsyncs a minute", fsyncs, most=6, note=f"bare inserts: {bare_fsyncs:.1f}"),
    ]


def _whole(server: Server) -> Callable[[list[Reading]], object]:
    """Stores readings as the collector does, rollups included."""
    settings = _settings(server)
    _migrated(settings, METERS[:1])
    newest = [START]
    writer = open_writer(settings, SITE, now=lambda: newest[0])

    def store(readings: list[Reading]) -> None:
        newest[0] = readings[-1].time
        writer.commit(readings)
        while writer.roll_up():
            pass

    return store


def _bare(server: Server) -> Callable[[list[Reading]], object]:
    """Inserts the same rows into a table like `reading` and does nothing else."""
    settings = _settings(server)
    _migrated(settings, METERS[:1])
    server.sql("CREATE TABLE phaselog.bare LIKE phaselog.reading")
    database = MariaDatabase(settings)
    sql = f"INSERT INTO bare (meter_id, time, flags, {', '.join(NAMES)}) VALUES ({', '.join('?' * 23)})"

    def store(readings: list[Reading]) -> None:
        rows = [(1, database.moment(each.time), 0, *each.values.values()) for each in readings]
        database.transaction(lambda: database.bulk(sql, rows))

    return store


def _year(settings: StoreSettings) -> Figure:
    """A year of quarters, as the history page asks for it."""
    _migrated(settings, METERS[:1])
    database = MariaDatabase(settings)
    columns = [f"{name}_{part}" for name in GAUGES[:3] for part in ("count", "mean", "min", "max")]
    rows = [
        (99, database.moment(START + quarter * 900_000), *([900, 230.5, 229.1, 231.2] * 3)) for quarter in range(35_040)
    ]
    database.bulk(database.insert_new("reading_15m", ("meter_id", "time", *columns)), rows)
    database.execute("INSERT INTO meter (id, name) VALUES (99, 'year')")
    database.close()
    reader = open_reader(settings, SITE)
    took = []
    for _ in range(5):
        began = time.perf_counter()
        found = reader.series("year", GAUGES[:3], START, START + 366 * 86_400_000, Resolution.QUARTER)
        took.append(time.perf_counter() - began)
    reader.close()
    assert len(found.times) == len(rows)
    return Figure("store: a year of quarters, 3 quantities", min(took) * 1000, "ms", most=100, note="35,040 buckets")


def figures() -> list[Figure]:
    """All figures of the store."""
    readings = _readings(METERS, DRAINED // len(METERS))
    folder = Path(tempfile.mkdtemp(prefix="phaselog-bench-"))
    try:
        return _measured(folder, readings)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measured(folder: Path, readings: list[Reading]) -> list[Figure]:
    with _server(folder / "drain") as server:
        speed, rolled = _drain(_settings(server), readings)
        loaded = _load_data(server, readings, folder / "rows.csv")
        year = _year(_settings(server))
    wear = _wear(folder)
    sqlite, sqlite_rolled = _drain(StoreSettings(path=folder / "readings.sqlite"), readings)
    least = min(20_000, round(0.8 * loaded))  # either of the two is enough
    note = f"20 values, 10 meters; LOAD DATA of the same rows: {loaded:,.0f}/s, {speed / loaded:.0%} of it"
    return [
        Figure("drain: MariaDB", speed, "readings/s", least=least, note=note),
        Figure("drain: MariaDB, rollups after it", rolled, "s", note=f"for {len(readings):,} readings"),
        Figure("drain: SQLite", sqlite, "readings/s", least=20_000, note=f"rollups after it {sqlite_rolled:.1f} s"),
        *wear,
        year,
    ]


def main() -> None:
    """Prints the figures."""
    for figure in figures():
        print(f"{figure.name}: {figure.value:,.2f} {figure.unit} ({figure.budget}) {figure.note}")


if __name__ == "__main__":
    main()
