"""A collector whose machine has a wrong clock, or one that steps, stores true times or says that they are estimated."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from collector.devices import catalogue
from collector.model.reading import Flag
from collector.pipeline.trusted_time import BUILD_DATE, kernel_time
from collector.sources.simulator import SimulatedMeter, serve_tcp
from tests.integration.conftest import Box, end, wait_for

DAY = 86_400
CONFIG = """
[site]
name = "Clock"
timezone = "America/Cuiaba"
[clock]
wait = "4s"
[store]
kind = "sqlite"
path = "{database}"
commit_every = "1s"
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
#: The clocks of two processes, the ISO time on the command line and a busy machine, s.
CLOSE = 1.5


def _library() -> Path | None:
    return next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)


@pytest.fixture(autouse=True)
def _only_where_the_clock_can_be_faked() -> None:
    if _library() is None:
        pytest.skip("faketime is not installed")
    kernel = kernel_time()
    if kernel and kernel.synchronised:
        pytest.skip("NTP keeps this machine's clock: the kernel would tell the truth behind the faked clock")
    if list(Path("/sys/class/rtc").glob("rtc*/hctosys")):
        pytest.skip("this machine has an RTC that would tell the truth behind the faked clock")


class Site:
    """A collector with one meter on a machine whose system clock is off by `step`."""

    def __init__(self, box: Box, port: int) -> None:
        self.box = box
        self._file = box.folder / "faketime"
        self.started = time.time()
        box.write(CONFIG.format(database=box.database, port=port))

    def step(self, seconds: float) -> None:
        """The system clock is off by so much from now on."""
        part = self._file.with_suffix(".part")
        part.write_text(f"{seconds:+.0f}\n", encoding="ascii")
        part.replace(self._file)

    def start(self) -> subprocess.Popen[bytes]:
        return self.box.start(
            "run", str(self.box.config),
            LD_PRELOAD=str(_library()), FAKETIME_TIMESTAMP_FILE=str(self._file), FAKETIME_NO_CACHE="1",
            DONT_FAKE_MONOTONIC="1", FAKETIME_DONT_FAKE_MONOTONIC="1",
        )  # fmt: skip

    def status(self) -> dict[str, Any]:
        try:
            return dict(json.loads((self.box.runtime / "status.json").read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        if not self.box.database.exists():
            return []
        with closing(sqlite3.connect(f"file:{self.box.database}?mode=ro", uri=True)) as base:
            return base.execute(sql).fetchall()

    def rows(self) -> list[tuple[float, int]]:
        """(Unix s, flags) in order; none before the collector has made its tables."""
        if not self.query("SELECT 1 FROM sqlite_master WHERE name = 'reading'"):
            return []
        return [(at / 1000, flags) for at, flags in self.query("SELECT time, flags FROM reading ORDER BY time")]

    def waiting(self) -> int:
        spool = self.status().get("spool", {})
        return int(spool.get("in_hand", 0)) + int(spool.get("on_disk", 0))

    def rolled_up(self) -> int:
        ((count,),) = self.query("SELECT SUM(frequency_count) FROM reading_1m")
        return int(count or 0)

    def measured(self) -> int:
        ((count,),) = self.query("SELECT COUNT(frequency) FROM reading")
        return int(count)

    def events(self) -> set[str]:
        return {kind for (kind,) in self.query("SELECT kind FROM event")}


@pytest.fixture
def site(box: Box) -> Iterator[Site]:
    model = catalogue.load("siemens-pac3100")
    with serve_tcp({126: SimulatedMeter(model)}, "127.0.0.1", 0, "tcp") as net:
        yield Site(box, net.port)


@contextmanager
def running(site: Site) -> Iterator[subprocess.Popen[bytes]]:
    collector = site.start()
    yield collector
    assert end(collector) == 0
    assert "Traceback" not in site.box.log


def soon(condition: Callable[[], object], what: str) -> None:
    wait_for(condition, 40, what)


@pytest.mark.slow
def test_a_boot_in_1970(site: Site) -> None:
    site.step(-site.started)
    with running(site):
        soon(lambda: site.waiting() > 5, "readings waiting for the time")
        assert site.status()["clock"]["trusted"] is False
        assert site.rows() == []
        soon(lambda: len(site.rows()) > 20, "readings with estimated time")
        rows = site.rows()
        assert all(flags & Flag.TIME_ESTIMATED for _, flags in rows)
        assert rows[0][0] >= BUILD_DATE / 1000
        assert rows[-1][0] <= BUILD_DATE / 1000 + time.clock_gettime(time.CLOCK_BOOTTIME) + CLOSE
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        done = site.box.phaselog("clock", "set", now, str(site.box.config))
        assert done.returncode == 0, done.stderr
        soon(lambda: site.status()["clock"]["source"] == "set", "the collector taking over the time")
        soon(lambda: not any(flags & Flag.TIME_ESTIMATED for _, flags in site.rows()), "the rows being moved")
        soon(lambda: site.rolled_up() >= site.measured() - 10, "the rollups following")
        assert abs(site.status()["started"] / 1000 - site.started) < CLOSE
        taken = site.status()["meters"][0]["readings"]
    rows = site.rows()
    assert len(rows) >= taken
    assert not any(flags & Flag.TIME_ESTIMATED for _, flags in rows)
    assert all(site.started - CLOSE < at < time.time() + CLOSE for at, _ in rows)
    assert max(after - before for (before, _), (after, _) in pairwise(rows)) < 2.0
    assert {"clock_trusted", "clock_moved"} <= site.events()
    assert site.query(f"SELECT COUNT(*) FROM reading_1m WHERE time < {int((site.started - 120) * 1000)}") == [(0,)]
    assert site.rolled_up() == site.measured()


@pytest.mark.slow
def test_a_clock_that_steps_a_day_back_and_forth(site: Site) -> None:
    site.step(0)
    with running(site):
        soon(lambda: len(site.rows()) > 5, "readings")
        for offset in (DAY, -DAY, 0, -DAY, DAY):
            site.step(offset)
            soon(lambda wanted=offset: abs(_offset(site) + wanted) < 5, "the status saying how far the clock is off")
            before = len(site.rows())
            soon(lambda before=before: len(site.rows()) > before + 5, "readings after the step")
        taken = site.status()["meters"][0]["readings"]
    rows = site.rows()
    assert len(rows) >= taken
    assert all(site.started - CLOSE < at < time.time() + CLOSE for at, _ in rows)
    assert all(flags & Flag.TIME_ESTIMATED == 0 for _, flags in rows)
    assert max(after - before for (before, _), (after, _) in pairwise(rows)) < 2.0
    assert "clock_moved" not in site.events()
    assert site.rolled_up() == site.measured()


def _offset(site: Site) -> float:
    """Our time minus the system clock as the status has it, s."""
    offset = site.status().get("clock", {}).get("offset_ms")
    return float("inf") if offset is None else float(offset) / 1000


@pytest.mark.slow
def test_a_village_that_never_learns_the_time(site: Site) -> None:
    """Switched off and on: what comes later is later, and nothing collides."""
    site.step(-site.started)
    lasts = []
    for _ in range(2):
        with running(site):
            known = len(site.rows())
            soon(lambda known=known: len(site.rows()) > known + 10, "readings with estimated time")
            lasts.append(site.rows()[-1][0])
    rows = site.rows()
    assert all(flags & Flag.TIME_ESTIMATED for _, flags in rows)
    assert lasts == sorted(lasts)
    assert site.rolled_up() == site.measured()
