"""Gives every contract test a fresh store: one of each kind, the MariaDB one in a server of its own."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from stores import Box, Server

from collector.config.settings import StoreSettings


def _server() -> Server:
    if shutil.which("mariadbd") is None or shutil.which("mariadb-install-db") is None:
        pytest.skip("no MariaDB server here: apt install mariadb-server")
    pytest.importorskip("mariadb", reason="no Python package mariadb here: pip install -c requirements.txt .[mariadb]")
    server = Server(Path(tempfile.mkdtemp(prefix="phaselog-db-")))
    server.install()
    server.start()
    return server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server that the tests share; each has a database of its own."""
    started = _server()
    started.load_zones()
    yield started
    started.stop()
    shutil.rmtree(started.folder, ignore_errors=True)


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that a test may stop and start."""
    started = _server()
    yield started
    started.stop()
    shutil.rmtree(started.folder, ignore_errors=True)


@pytest.fixture
def sqlite_box(tmp_path: Path) -> Iterator[Box]:
    """A SQLite store without tables."""
    made = Box(StoreSettings(kind="sqlite", path=tmp_path / "readings.sqlite"))
    yield made
    made.close()


@pytest.fixture
def mariadb_box(server: Server) -> Iterator[Box]:
    """A MariaDB store without tables."""
    name = f"t{time.monotonic_ns()}"
    made = Box(StoreSettings(kind="mariadb", socket=server.socket, user="root", database=name), server_sql=server.sql)
    yield made
    made.close()
    server.sql(f"DROP DATABASE IF EXISTS {name}; DROP DATABASE IF EXISTS chapada_imperial")


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def box(request: pytest.FixtureRequest) -> Box:
    """A store without tables, of each kind."""
    made: Box = request.getfixturevalue(f"{request.param}_box")
    return made
