"""The store is down, locked, full or read-only for a while: the service stays up, says so, and nothing is lost."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from collector.config.settings import ClockSettings, SiteSettings, SpoolSettings, StoreSettings
from collector.devices import catalogue
from collector.errors import StoreDown
from collector.model.ports import StoreWriter
from collector.model.reading import Reading
from collector.pipeline.clock import SiteClock
from collector.pipeline.spool import Spool
from collector.pipeline.trusted_time import Machine
from collector.service.writer import Writer
from collector.sources.simulator import SimulatedMeter, serve_tcp
from collector.sources.ticker import SystemTicker
from collector.store.factory import open_maintainer, open_writer
from tests.integration.conftest import SITE, Box, end, wait_for

CONFIG = (
    SITE
    + """
[spool]
min_free_bytes = "0MB"
[[line]]
name = "net"
host = "127.0.0.1"
tcp_port = {port}
[[meter]]
name = "m"
model = "siemens-pac3100"
line = "net"
unit = 126
every = "200ms"
"""
)


@pytest.fixture
def port() -> Iterator[int]:
    model = catalogue.load("siemens-pac3100")
    with serve_tcp({126: SimulatedMeter(model)}, "127.0.0.1", 0, "tcp") as net:
        yield net.port


def status(box: Box) -> dict[str, Any]:
    try:
        return dict(json.loads((box.runtime / "status.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def times(database: Path) -> list[float]:
    if not database.exists():
        return []
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as base:
        try:
            return [at / 1000 for (at,) in base.execute("SELECT time FROM reading ORDER BY time")]
        except sqlite3.OperationalError:
            return []


def writer_state(box: Box) -> str:
    return str(status(box).get("writer", {}).get("state"))


def no_gap(stored: list[float], taken: int) -> None:
    """Everything that was read is stored, one reading after the other."""
    assert len(stored) >= taken
    assert len(set(stored)) == len(stored)
    assert max(after - before for before, after in pairwise(stored)) < 1.5


def ended(box: Box, collector: subprocess.Popen[bytes]) -> int:
    """Ends the collector; how many readings it had taken."""
    taken = int(status(box)["meters"][0]["readings"])
    assert end(collector, seconds=60) == 0
    assert "defect of Phaselog" not in box.log
    return taken


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another program holds the database file."""
    with closing(sqlite3.connect(database, isolation_level=None, timeout=10)) as base:
        base.execute("PRAGMA journal_mode=WAL")
        base.execute("BEGIN EXCLUSIVE")
        yield
        base.execute("ROLLBACK")


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A disk of its own that is soon full."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", folder], check=False)
    if made.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=False)


@pytest.mark.slow
def test_a_database_that_another_program_holds(box: Box, port: int) -> None:
    box.write(CONFIG.format(database=box.database, port=port))
    collector = box.start("run", str(box.config))
    wait_for(lambda: len(times(box.database)) > 5, 30, "readings")
    with locked(box.database):
        held = len(times(box.database))
        time.sleep(20)
        assert collector.poll() is None
        assert len(times(box.database)) == held
        assert status(box)["meters"][0]["state"] == "ok"
    wait_for(lambda: len(times(box.database)) > held + 80, 60, "what was read meanwhile")
    taken = ended(box, collector)
    no_gap(times(box.database), taken)


@pytest.mark.slow
def test_a_disk_that_is_full(box: Box, port: int) -> None:
    with small_disk(box.folder / "small", 6000) as disk:
        database = disk / "readings.sqlite"
        box.write(CONFIG.format(database=database, port=port))
        collector = box.start("run", str(box.config))
        wait_for(lambda: len(times(database)) > 5, 30, "readings")
        ballast = disk / "ballast"
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(1024))
        wait_for(lambda: writer_state(box) == "refused", 60, "the status saying that the store refuses")
        assert "full" in status(box)["writer"]["last_error"]
        time.sleep(3)
        assert status(box)["meters"][0]["state"] == "ok"
        # Told once; a commit that still found room in between ends one outage, and the next is told again.
        log = box.log
        assert log.count("the disk is full") == 1 + log.count("store: works again")
        ballast.unlink()
        wait_for(lambda: writer_state(box) == "ok", 60, "the store taking readings again")
        taken = ended(box, collector)
        no_gap(times(database), taken)


@pytest.mark.slow
def test_a_state_folder_that_is_full_or_read_only(box: Box, port: int) -> None:
    """The store is fine: only the place for bad times is missing."""
    with small_disk(box.folder / "small", 64) as disk:
        (disk / "ballast").write_bytes(bytes(60 * 1024))
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        box.write(CONFIG.format(database=box.database, port=port))
        collector = box.start("run", str(box.config), STATE_DIRECTORY=str(disk / "state"))
        wait_for(lambda: len(times(box.database)) > 10, 30, "readings")
        with locked(box.database):
            time.sleep(5)
        taken = ended(box, collector)
        no_gap(times(box.database), taken)
        assert "spool" in box.log


@pytest.mark.slow
def test_a_database_that_cannot_be_written_when_the_service_starts(box: Box, port: int) -> None:
    """Its folder comes later: the schema is made then, not a day later."""
    database = box.folder / "later" / "readings.sqlite"
    (box.folder / "later").write_text("in the way")
    box.write(CONFIG.format(database=database, port=port))
    collector = box.start("run", str(box.config))
    wait_for(lambda: status(box).get("spool", {}).get("in_hand", 0) + status(box)["spool"]["on_disk"] > 10
             if status(box) else False, 30, "readings waiting")  # fmt: skip
    assert writer_state(box) in ("down", "refused")
    (box.folder / "later").unlink()
    (box.folder / "later").mkdir()
    wait_for(lambda: len(times(database)) > 20, 40, "everything stored")
    taken = ended(box, collector)
    no_gap(times(database), taken)


@pytest.mark.slow
def test_the_end_of_the_service_while_the_database_is_held(box: Box, port: int) -> None:
    box.write(CONFIG.format(database=box.database, port=port))
    collector = box.start("run", str(box.config))
    wait_for(lambda: len(times(box.database)) > 5, 30, "readings")
    with locked(box.database):
        time.sleep(3)
        taken = int(status(box)["meters"][0]["readings"])
        started = time.monotonic()
        assert end(collector, seconds=80) == 0
        assert time.monotonic() - started < 70
        assert "wait on disk" in box.log
        assert list(box.state.rglob("*.segment"))
    again = box.start("run", str(box.config))
    wait_for(lambda: len(times(box.database)) >= taken, 40, "the readings from the disk")
    stored = times(box.database)
    assert end(again) == 0
    assert len(set(stored)) == len(stored)


class Gate:
    """The door to a store that is shut."""

    def __init__(self, store: StoreSettings) -> None:
        self._store = store
        self.shut = True

    def open(self) -> StoreWriter:
        if self.shut:
            raise StoreDown("the store is down")
        return open_writer(self._store, SiteSettings("Outage", "America/Cuiaba"))


METERS, VALUES, START = 10, 20, 1_790_000_000_000
HOURS = 24


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_day_of_ten_meters_without_the_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing lost, order kept, and the rollups follow."""
    names = [name for name in catalogue.load("siemens-pac3100").quantities() if "energy" not in name][: VALUES - 1]
    store = StoreSettings(path=tmp_path / "readings.sqlite")
    maintainer = open_maintainer(store, SiteSettings("Outage", "America/Cuiaba"))
    columns = {f"m{k}": [*names, "active_energy_import"] for k in range(METERS)}
    maintainer.migrate(columns, START)
    maintainer.close()
    ticker, gate = SystemTicker(), Gate(store)
    (tmp_path / "state").mkdir()
    clock = SiteClock(ClockSettings(), tmp_path / "state", ticker, Machine("b", {"ntp": lambda: START * 1_000_000}))
    clock.poll()
    spool = Spool(tmp_path / "run", tmp_path / "state", SpoolSettings(min_free_bytes=0))
    writer = Writer(spool, gate.open, clock, ticker, 0.0)
    for second in range(HOURS * 3600):
        values = {name: 100.0 + number + second / 1000 for number, name in enumerate(names)}
        for meter in range(METERS):
            time_ms = START + 1000 * second + meter
            spool.append(Reading(f"m{meter}", time_ms, values | {"active_energy_import": 10.0 * second}))
        if second % 60 == 59:
            assert not writer.turn()
    count = HOURS * 3600 * METERS
    waiting = spool.status()
    assert waiting.on_disk == count
    assert waiting.dropped == 0
    gate.shut = False
    started = time.perf_counter()
    drained = _drained_in_order(writer, spool)
    seconds = time.perf_counter() - started
    assert drained == count
    with closing(sqlite3.connect(store.path)) as base:  # type: ignore[arg-type]
        assert base.execute("SELECT COUNT(*), MIN(time), MAX(time) FROM reading").fetchone() == (
            count, START, START + 1000 * (HOURS * 3600 - 1) + METERS - 1)  # fmt: skip
        assert base.execute("SELECT SUM(voltage_l1_n_count) FROM reading_1m").fetchone() == (count,)
    spool.close()
    with capsys.disabled():
        megabytes = waiting.bytes_on_disk / 1e6
        print(f"\n{count} readings of {VALUES} values, {megabytes:.0f} MB on disk, drained with their rollups in "
              f"{seconds:.0f} s: {count / seconds:.0f} a second")  # fmt: skip


def _drained_in_order(writer: Writer, spool: Spool) -> int:
    """Lets the writer store everything; the times that it commits never go back."""
    newest, count = 0, 0
    store = writer._connected()
    commit = store.commit

    def watched(readings: Any, *, catching_up: bool = False) -> int:
        nonlocal newest, count
        assert readings[0].time > newest
        assert all(before.time < after.time for before, after in pairwise(readings))
        newest, count = readings[-1].time, count + len(readings)
        return commit(readings, catching_up=catching_up)

    store.commit = watched  # type: ignore[method-assign]
    assert writer.turn()
    assert spool.status().on_disk == 0
    return count
