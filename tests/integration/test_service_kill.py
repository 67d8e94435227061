"""A collector that is killed at random moments loses nothing that it had taken, and stores nothing twice."""

from __future__ import annotations

import random
import signal
import sqlite3
import time
from contextlib import closing

import pytest

from collector.devices import catalogue
from collector.pipeline.spool import read_live
from collector.sources.simulator import SimulatedMeter, serve_tcp
from tests.integration.conftest import SITE, Box, end, wait_for

METERS = 3
CONFIG = (
    SITE
    + """
[[line]]
name = "net"
host = "127.0.0.1"
tcp_port = {port}
framing = "tcp"
"""
)
METER = """
[[meter]]
name = "m{unit}"
model = "siemens-pac3100"
line = "net"
unit = {unit}
every = "100ms"
"""


def stored(box: Box) -> dict[tuple[str, int], int]:
    """(meter, time) -> number of rows."""
    with closing(sqlite3.connect(f"file:{box.database}?mode=ro", uri=True)) as base:
        rows = base.execute(
            "SELECT name, time, COUNT(*) FROM reading JOIN meter ON meter.id = meter_id GROUP BY name, time"
        )
        return {(name, moment): count for name, moment, count in rows}


def appended(box: Box) -> set[tuple[str, int]]:
    """What the dead collector had appended and not yet stored."""
    return {(reading.meter, reading.time) for reading in read_live(box.runtime)}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kills", [100])
def test_every_appended_reading_is_stored_exactly_once(box: Box, kills: int) -> None:
    model = catalogue.load("siemens-pac3100")
    chance = random.Random(2026)
    taken: set[tuple[str, int]] = set()
    with serve_tcp({unit: SimulatedMeter(model) for unit in range(1, METERS + 1)}, "127.0.0.1", 0, "tcp") as net:
        box.write(CONFIG.format(database=box.database, port=net.port)
                  + "".join(METER.format(unit=unit) for unit in range(1, METERS + 1)))  # fmt: skip
        for _ in range(kills):
            collector = box.start("run", str(box.config))
            wait_for((box.runtime / "status.json").exists, 20, "a start")
            time.sleep(chance.uniform(0.0, 1.3))
            end(collector, signal.SIGKILL)
            taken |= appended(box)
            taken |= set(stored(box)) if box.database.exists() else set()
            (box.runtime / "status.json").unlink(missing_ok=True)
        collector = box.start("run", str(box.config))
        wait_for(lambda: taken <= set(stored(box)) or collector.poll() is not None, 30, "everything stored")
        assert end(collector) == 0
    rows = stored(box)
    assert taken - set(rows) == set()
    assert max(rows.values()) == 1
    assert len(taken) > kills * METERS
