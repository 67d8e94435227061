"""What people do to a logger: other meters between two runs, a second collector, an end in the middle of a request."""

from __future__ import annotations

import json
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from typing import Any

import pytest
from faulty_peers import Gateway, Sent
from true_meter import TrueMemory

from collector.devices import catalogue
from collector.sources.simulator import SimulatedMeter, serve_tcp
from tests.integration.conftest import SITE, Box, end, wait_for

HEAD = (
    SITE
    + """
[[line]]
name = "net"
host = "127.0.0.1"
tcp_port = {port}
timeout = "{timeout}"
"""
)
METER = """
[[meter]]
name = "{name}"
model = "{model}"
line = "net"
unit = {unit}
every = "200ms"
"""
PAC3100, PAC3200 = "siemens-pac3100", "siemens-pac3200"


@pytest.fixture
def port() -> Iterator[int]:
    meters = {1: PAC3100, 2: PAC3100, 3: PAC3200}
    devices = {unit: SimulatedMeter(catalogue.load(model)) for unit, model in meters.items()}
    with serve_tcp(devices, "127.0.0.1", 0, "tcp") as net:
        yield net.port


def configure(box: Box, port: int, *meters: tuple[str, str, int], timeout: str = "1s") -> None:
    head = HEAD.format(database=box.database, port=port, timeout=timeout)
    box.write(head + "".join(METER.format(name=name, model=model, unit=unit) for name, model, unit in meters))


def stored(box: Box) -> dict[str, int]:
    """Meter -> rows."""
    if not box.database.exists():
        return {}
    with closing(sqlite3.connect(f"file:{box.database}?mode=ro", uri=True)) as base:
        try:
            return dict(
                base.execute("SELECT name, COUNT(*) FROM reading JOIN meter ON meter.id = meter_id GROUP BY name")
            )
        except sqlite3.OperationalError:
            return {}


def status(box: Box) -> dict[str, Any]:
    try:
        return dict(json.loads((box.runtime / "status.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def run_until(box: Box, meter: str, more: int = 5) -> None:
    before = stored(box).get(meter, 0)
    collector = box.start("run", str(box.config))
    wait_for(lambda: stored(box).get(meter, 0) >= before + more, 30, f"readings of {meter}")
    assert end(collector) == 0
    assert "defect of Phaselog" not in box.log


@pytest.mark.slow
def test_a_meter_more_a_quantity_more_a_meter_less(box: Box, port: int) -> None:
    configure(box, port, ("a", PAC3100, 1))
    run_until(box, "a")
    configure(box, port, ("a", PAC3100, 1), ("b", PAC3200, 3))
    run_until(box, "b")
    both = stored(box)
    configure(box, port, ("b", PAC3200, 3))
    run_until(box, "b")
    assert stored(box)["a"] == both["a"]
    assert stored(box)["b"] > both["b"]


@pytest.mark.slow
def test_a_meter_that_changes_its_name_while_its_readings_wait(box: Box, port: int) -> None:
    """They were never stored under any name: they still are, and what follows is not held up by them."""
    box.database.mkdir()
    configure(box, port, ("old", PAC3200, 3))
    collector = box.start("run", str(box.config))
    wait_for(lambda: status(box).get("meters", [{}])[0].get("readings", 0) > 5, 30, "readings")
    assert end(collector, seconds=60) == 0
    box.database.rmdir()
    configure(box, port, ("new", PAC3100, 1))
    run_until(box, "new")
    assert stored(box).get("old", 0) > 5


@pytest.mark.slow
def test_a_second_collector_refuses_in_one_sentence(box: Box, port: int) -> None:
    configure(box, port, ("a", PAC3100, 1))
    first = box.start("run", str(box.config))
    wait_for(lambda: stored(box).get("a", 0) > 2, 30, "readings")
    second = box.phaselog("run", str(box.config))
    assert second.returncode == 6
    said = [line for line in second.stderr.splitlines() if line.startswith("error:")]
    assert len(said) == 1
    assert str(first.pid) in said[0]
    assert "Traceback" not in second.stderr
    before = stored(box)["a"]
    wait_for(lambda: stored(box)["a"] > before, 30, "the first going on")
    assert status(box)["pid"] == first.pid
    assert end(first) == 0


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_end_in_the_middle_of_a_slow_request(box: Box, number: int) -> None:
    slow = False

    def fault(request: bytes, answer: bytes) -> Sent:
        return [(4.0 if slow else 0.0, answer)]

    gateway = Gateway(1, TrueMemory(), fault, "tcp")
    gateway.start()
    configure(box, gateway.port, ("a", PAC3100, 1), timeout="8s")
    collector = box.start("run", str(box.config))
    wait_for(lambda: stored(box).get("a", 0) > 5, 30, "readings")
    slow = True
    time.sleep(1)
    taken = int(status(box)["meters"][0]["readings"])
    started = time.monotonic()
    assert end(collector, number) == 0
    assert time.monotonic() - started < 20
    assert stored(box)["a"] >= taken
    assert not (box.runtime / "status.json").exists()
    assert "Traceback" not in box.log
    gateway.close()


@pytest.mark.slow
def test_a_counter_that_was_reset_while_nobody_looked_is_marked(box: Box) -> None:
    memory = TrueMemory()
    gateway = Gateway(1, memory, lambda request, answer: [(0.0, answer)], "tcp")
    gateway.start()
    configure(box, gateway.port, ("a", PAC3100, 1))
    run_until(box, "a")
    memory.started = time.time()
    memory.energy = 5.0
    run_until(box, "a", more=20)
    gateway.close()
    with closing(sqlite3.connect(box.database)) as base:
        events = [kind for (kind,) in base.execute("SELECT kind FROM event")]
        sql = "SELECT active_energy_export FROM reading WHERE active_energy_export IS NOT NULL ORDER BY time"
        values = [value for (value,) in base.execute(sql)]
        ((increase,),) = base.execute("SELECT SUM(active_energy_export_increase) FROM reading_1m")
    assert {"counter_reset", "meter_swap"} & set(events), events
    assert sum(after < before for before, after in pairwise(values)) == 1
    assert 0 <= increase < 100
