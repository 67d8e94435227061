"""The main job on a real MariaDB: migrate, run, the server killed under it and started again, the ancestor's view."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.devices import catalogue
from collector.sources.simulator import SimulatedMeter, serve_tcp
from tests.contract.stores import Server
from tests.integration.conftest import Box, end, wait_for

CONFIG = """
[site]
name = "Chapada"
timezone = "America/Cuiaba"
[clock]
trust = "system"
[store]
kind = "mariadb"
socket = "{socket}"
user = "root"
commit_every = "1s"
[[line]]
name = "gateway"
host = "127.0.0.1"
tcp_port = {port}
framing = "rtu"
[[meter]]
name = "turbine"
model = "siemens-pac3100"
line = "gateway"
unit = 126
every = "200ms"
"""

pytestmark = [pytest.mark.mariadb, pytest.mark.slow]


@pytest.fixture
def server() -> Iterator[Server]:
    if shutil.which("mariadbd") is None:
        pytest.skip("no MariaDB server here: apt install mariadb-server")
    pytest.importorskip("mariadb", reason="no Python package mariadb here: pip install -c requirements.txt .[mariadb]")
    started = Server(Path(tempfile.mkdtemp(prefix="phaselog-db-")))
    started.install()
    started.start()
    started.load_zones()
    yield started
    started.stop()
    shutil.rmtree(started.folder, ignore_errors=True)


def count(server: Server) -> int:
    return int(server.sql("SELECT COUNT(*) FROM phaselog.reading").split()[-1])


def test_readings_arrive_and_outlive_a_killed_server(box: Box, server: Server) -> None:
    model = catalogue.load("siemens-pac3100")
    with serve_tcp({126: SimulatedMeter(model)}, "127.0.0.1", 0, "rtu") as net:
        box.write(CONFIG.format(socket=server.socket, port=net.port))
        collector = box.start("run", str(box.config))
        wait_for(lambda: "phaselog db migrate" in box.log, 20, "the missing schema being said")
        done = box.phaselog("db", "migrate", str(box.config))
        assert done.returncode == 0, done.stderr
        wait_for(lambda: count(server) > 20, 30, "rows, those from before the schema among them")
        server.stop(signal.SIGKILL)
        time.sleep(6)
        server.start()
        before = count(server)
        wait_for(lambda: count(server) > before + 40, 40, "what was read while the server was down")
        assert end(collector) == 0
    gaps = server.sql(
        "SELECT COALESCE(MAX(gap), 0) FROM (SELECT TIMESTAMPDIFF(MICROSECOND, LAG(time) OVER (ORDER BY time), time)"
        " / 1000 AS gap FROM phaselog.reading) AS gaps"
    )
    assert float(gaps.split()[-1]) < 2000
    seen = server.sql("SELECT tensao_L1_N, frequencia FROM chapada_imperial.multimedidor LIMIT 1").split()
    assert 200 < float(seen[-2]) < 240
    assert 58 < float(seen[-1]) < 62
    today = server.sql("SELECT COUNT(*) FROM phaselog.latest").split()
    assert int(today[-1]) >= 24
