"""The doctor looks at a real MariaDB with no more than the right to read, and at its rights with its own client."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from stores import Box, Server

from collector.config.settings import LineSettings, MeterSettings, Settings
from collector.devices import catalogue
from collector.doctor import accounts, storage
from collector.model.finding import Finding, State
from collector.pipeline.derive import quantities_of

pytestmark = pytest.mark.mariadb

METER = MeterSettings("turbine", "siemens-pac3100", "rs485")


def looked(box: Box, folder: Path) -> dict[str, Finding]:
    line = LineSettings("rs485", "/dev/meter-rs485")
    settings = Settings(folder / "phaselog.toml", store=box.settings, lines=(line,), meters=(METER,))
    return {each.subject: each for each in storage.stored(storage.answer(settings), settings)}


def test_who_may_only_read_sees_whether_the_schema_is_current(mariadb_box: Box, server: Server, tmp_path: Path) -> None:
    box = mariadb_box
    box.maintainer().migrate({"turbine": ["voltage_l1_n"]}, int(time.time() * 1000))
    name = box.settings.database
    server.sql(f"CREATE OR REPLACE USER page@localhost; GRANT SELECT, SHOW VIEW ON {name}.* TO page@localhost")
    reader = replace(box, settings=replace(box.settings, user="page"))
    assert looked(reader, tmp_path)["schema"].state is State.WRONG
    columns = {"turbine": quantities_of(METER, catalogue.load(METER.model))}
    box.maintainer().migrate(columns, int(time.time() * 1000))
    assert looked(reader, tmp_path)["schema"].state is State.FINE


def test_the_rights_of_real_grants_are_understood(server: Server) -> None:
    server.sql(
        "CREATE DATABASE IF NOT EXISTS phaselog; CREATE TABLE IF NOT EXISTS phaselog.reading (time INT, flags INT)"
    )
    server.sql("CREATE OR REPLACE USER `phaselog-collector`@localhost IDENTIFIED VIA unix_socket")
    server.sql("GRANT SELECT ON phaselog.* TO `phaselog-collector`@localhost")
    server.sql("GRANT INSERT, UPDATE ON phaselog.reading TO `phaselog-collector`@localhost")
    assert excess(server) == []
    server.sql("GRANT DROP ON phaselog.reading TO `phaselog-collector`@localhost")
    assert excess(server) == ["DROP on phaselog.reading"]
    server.sql("GRANT ALL ON *.* TO `phaselog-collector`@localhost WITH GRANT OPTION")
    assert "ALL PRIVILEGES on *.*" in excess(server)
    assert "GRANT OPTION on *.*" in excess(server)


def excess(server: Server) -> list[str]:
    grants = server.sql("SHOW GRANTS FOR `phaselog-collector`@localhost")
    return sorted(accounts._excess("phaselog-collector", grants, "phaselog"))
