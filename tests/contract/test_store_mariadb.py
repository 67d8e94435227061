"""What only MariaDB has: views, months, rights, a server that goes away, the earlier logger's table."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from stores import START, Box, Server

from collector.config.settings import StoreSettings
from collector.errors import SchemaOutdated, StoreDown, StoreRefused, UsageError
from collector.model.reading import Reading
from collector.model.series import Resolution
from collector.store.multimedidor import import_csv, import_table
from collector.store.views import ANCESTOR_COLUMNS

pytestmark = pytest.mark.mariadb

VOLTAGE, ENERGY = "voltage_l1_n", "active_energy_import"
COLUMNS = {"turbine": [*ANCESTOR_COLUMNS.values(), ENERGY]}
DAY = 86_400_000


def test_people_find_words_they_can_ask_for(mariadb_box: Box) -> None:
    box = mariadb_box.at("America/Cuiaba")
    box.migrate(COLUMNS)
    writer = box.writer()
    writer.commit([Reading("turbine", START + n * 60_000, {VOLTAGE: 230.123, ENERGY: n * 100.0}) for n in range(1800)])
    while writer.roll_up():
        pass
    name = box.settings.database
    assert "turbine\tvoltage_l1_n\t230.123\tV\t2026-03-03 01:59:00.000" in box.server_sql(
        f"SELECT * FROM {name}.latest"
    )
    days = box.server_sql(f"SELECT * FROM {name}.energy_by_day").split()
    assert days == ["turbine", "2026-03-01", "23.9", "NULL", "turbine", "2026-03-02", "144", "NULL"]
    assert box.server_sql(f"SELECT * FROM {name}.cost_by_day") == ""
    assert "voltage_l1_n\tV\tgauge" in box.server_sql(f"SELECT name, unit, kind FROM {name}.quantity")


def test_the_earlier_loggers_queries_still_run(mariadb_box: Box) -> None:
    box = mariadb_box.at("America/Cuiaba")
    assert "view chapada_imperial.multimedidor of meter turbine" in box.migrate(COLUMNS)
    box.writer().commit([Reading("turbine", START, {VOLTAGE: 230.126, "frequency": 60.004, "current_l1": 12345.678})])
    asked = "SELECT datahora, tensao_L1_N, corrente_L1, frequencia, tensao_L2_N FROM chapada_imperial.multimedidor"
    found = box.server_sql(asked).strip().split("\t")
    assert found == ["2026-03-01 20:00:00", "230.13", "12345.68", "60.00", "NULL"]
    columns = box.server_sql("SHOW COLUMNS FROM chapada_imperial.multimedidor").splitlines()
    assert [line.split("\t")[0] for line in columns] == ["datahora", *ANCESTOR_COLUMNS]
    assert box.migrate(COLUMNS) == []


def _old_table(box: Box, rows: list[str]) -> None:
    columns = ", ".join(f"{name} DECIMAL(6,2) NOT NULL" for name in ANCESTOR_COLUMNS)
    values = ", ".join(f"('{row}'{', 220.5' + ', 0' * 19})" for row in rows)
    box.server_sql(
        "CREATE DATABASE chapada_imperial; USE chapada_imperial;"
        f"CREATE TABLE multimedidor (datahora DATETIME NOT NULL PRIMARY KEY, {columns});"
        f"INSERT INTO multimedidor VALUES {values}"
    )


def test_the_earlier_table_is_brought_in_once_and_kept(mariadb_box: Box) -> None:
    box = mariadb_box.at("America/Sao_Paulo")
    # 2018-02-17 23:30 happened twice: clocks went back at midnight.
    _old_table(box, ["2018-02-17 22:30:00", "2018-02-17 23:30:00", "2018-02-18 00:00:00"])
    assert any("left out" in line for line in box.migrate(COLUMNS))
    writer = box.writer()
    seen: list[int] = []
    counts = import_table(box.settings, box.site, writer, "turbine", seen.append)
    assert (counts.read, counts.stored, counts.there, counts.refused) == (3, 3, 0, 0)
    assert seen == [3]
    rows = list(box.reader().rows("turbine", [VOLTAGE, "current_l1"], 0, START))
    assert [each.time for each in rows] == [1518913800000, 1518917400000, 1518922800000]
    assert rows[0].values == {VOLTAGE: 220.5, "current_l1": 0.0}
    again = import_table(box.settings, box.site, writer, "turbine")
    assert (again.stored, again.there) == (0, 3)
    assert "view chapada_imperial.multimedidor of meter turbine" in box.migrate(COLUMNS)
    assert box.server_sql("SELECT COUNT(*) FROM chapada_imperial.multimedidor").strip() == "3"


def test_no_earlier_table_is_said(mariadb_box: Box) -> None:
    mariadb_box.migrate(COLUMNS)
    with pytest.raises(UsageError, match="no table"):
        import_table(mariadb_box.settings, mariadb_box.site, mariadb_box.writer(), "turbine")


def test_its_csv_export_is_brought_in(box: Box, tmp_path: Path) -> None:
    box.at("America/Cuiaba").migrate(COLUMNS)
    zeros = ';"0.00"' * 19
    lines = [f'"2025-05-01 12:00:0{n}";"127.{n}0"{zeros}' for n in range(4)] + [f'"2025-05-01 12:00:00";"1.00"{zeros}']
    (tmp_path / "old.csv").write_text("\n".join([*lines, "nonsense;1"]) + "\n")
    writer = box.writer()
    counts = import_csv(tmp_path / "old.csv", box.site, writer, "turbine")
    assert (counts.read, counts.stored, counts.refused) == (6, 5, 1)
    assert import_csv(tmp_path / "old.csv", box.site, writer, "turbine").stored == 0
    times = [each.time for each in box.reader().rows("turbine", [VOLTAGE], 0, START)]
    assert times == [1746115200000, 1746115200001, 1746115201000, 1746115202000, 1746115203000]


def test_months_are_made_ahead_and_dropped_whole(mariadb_box: Box) -> None:
    box = mariadb_box
    box.migrate(COLUMNS)
    made = box.server_sql(f"SHOW CREATE TABLE {box.settings.database}.reading")
    assert "p202602" in made
    assert "p202803" in made
    assert list(box.maintainer().pending(COLUMNS, START + 40 * DAY)) == ["reading: 1 monthly partitions"]
    assert box.migrate(COLUMNS, now=START + 40 * DAY) == ["reading: 1 monthly partitions"]
    writer = box.writer()
    writer.commit([Reading("turbine", START + n * DAY, {VOLTAGE: 1.0}) for n in range(60)])
    while writer.roll_up():
        pass
    assert box.maintainer().retain(START + 100 * DAY, 50, 730) == ["removed 30 readings before 2026-04-01"]
    assert len(list(box.reader().rows("turbine", [VOLTAGE], 0, START * 2))) == 30
    assert len(box.reader().series("turbine", [VOLTAGE], 0, START * 2, Resolution.DAY).times) == 59


def test_rows_beyond_the_last_month_are_kept_and_get_their_month(mariadb_box: Box) -> None:
    box = mariadb_box
    box.migrate(COLUMNS)
    far = START + 1500 * DAY
    box.writer().commit([Reading("turbine", far, {VOLTAGE: 1.0})])
    box.migrate(COLUMNS, now=far)
    assert len(list(box.reader().rows("turbine", [VOLTAGE], far, far + 1))) == 1
    assert "p203004" in box.server_sql(f"SHOW CREATE TABLE {box.settings.database}.reading")


def test_a_missing_table_or_partition_is_an_outdated_schema(mariadb_box: Box) -> None:
    box = mariadb_box
    box.migrate(COLUMNS)
    writer = box.writer()
    box.server_sql(f"ALTER TABLE {box.settings.database}.reading DROP PARTITION later")
    with pytest.raises(SchemaOutdated, match="no partition") as raised:
        writer.commit([Reading("turbine", START + 5000 * DAY, {VOLTAGE: 1.0})])
    assert "phaselog db migrate" in raised.value.hint
    box.server_sql(f"DROP TABLE {box.settings.database}.reading_1m")
    with pytest.raises(SchemaOutdated, match="a table is missing"):
        writer.commit([Reading("turbine", START, {VOLTAGE: 1.0})])
    assert list(box.reader().rows("turbine", [VOLTAGE], 0, START * 2)) == []


def test_the_collector_needs_no_more_rights_than_it_is_given(mariadb_box: Box, server: Server) -> None:
    box = mariadb_box
    box.migrate(COLUMNS)
    name = box.settings.database
    server.sql(f"CREATE OR REPLACE USER collector@localhost; GRANT SELECT, INSERT ON {name}.* TO collector@localhost")
    # MariaDB asks for UPDATE on every column that an INSERT ... ON DUPLICATE KEY UPDATE names.
    for table in ("reading", "latest_value", "boot", "event", "insight_due"):
        server.sql(f"GRANT UPDATE ON {name}.{table} TO collector@localhost")
    for table in ("reading_1m", "reading_15m", "reading_1h", "reading_1d", "rollup_due"):
        server.sql(f"GRANT UPDATE, DELETE ON {name}.{table} TO collector@localhost")
    box.settings = replace(box.settings, user="collector")
    writer = box.writer()
    assert writer.commit([Reading("turbine", START + n * 60_000, {VOLTAGE: 1.0, ENERGY: 1.0}) for n in range(40)]) == 40
    assert writer.roll_up() == 0
    with pytest.raises(StoreRefused, match="may not do that"):
        box.maintainer().migrate({**COLUMNS, "house": ["current_n", "apparent_energy"]}, START)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"user": "nobody_known"}, StoreRefused, "refuses this user"),
        ({"database": "nowhere"}, SchemaOutdated, "the database does not exist"),
        ({"socket": None, "host": "127.0.0.1", "tcp_port": 1}, StoreDown, "127.0.0.1:1: nobody answers"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_a_hint(
    server: Server, change: dict[str, object], error: type[Exception], words: str
) -> None:
    box = Box(replace(StoreSettings(kind="mariadb", socket=server.socket, user="root"), **change))  # type: ignore[arg-type]
    with pytest.raises(error, match=words) as raised:
        box.reader()
    assert raised.value.hint  # type: ignore[attr-defined]


@pytest.mark.slow
def test_a_restarted_server_is_found_again(own_server: Server) -> None:
    box = Box(StoreSettings(kind="mariadb", socket=own_server.socket, user="root", database="phaselog"))
    box.migrate(COLUMNS)
    writer, reader = box.writer(), box.reader()
    assert writer.commit([Reading("turbine", START, {VOLTAGE: 1.0})]) == 1
    own_server.stop()
    with pytest.raises(StoreDown):
        writer.commit([Reading("turbine", START + 1, {VOLTAGE: 1.0})])
    with pytest.raises(StoreDown):
        reader.latest()
    own_server.start()
    assert writer.commit([Reading("turbine", START + 1, {VOLTAGE: 1.0})]) == 1
    assert len(reader.latest()) == 1
    own_server.stop()
    own_server.start()
    assert writer.commit([Reading("turbine", START + 2, {VOLTAGE: 1.0})]) == 1, "without an error in between"
    assert len(list(reader.rows("turbine", [VOLTAGE], 0, START * 2))) == 3
    box.close()


def test_a_lock_conflict_is_tried_again(mariadb_box: Box, server: Server) -> None:
    """Two writers in opposite order: one of them is told of a deadlock and runs its transaction again."""
    box = mariadb_box
    box.migrate({"a": [VOLTAGE], "b": [VOLTAGE]})
    failed: list[Exception] = []

    def write(first: str, second: str, base: int) -> None:
        writer = box.writer()
        try:
            for n in range(30):
                at = START + n * 1000 + base
                writer.commit([Reading(name, at, {VOLTAGE: 1.0}) for name in (first, second)])
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=("a", "b", 0)), threading.Thread(target=write, args=("b", "a", 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(list(box.reader().rows("a", [VOLTAGE], 0, START * 2))) == 60


@pytest.mark.slow
def test_a_year_is_handed_out_whole(box: Box) -> None:
    names = [VOLTAGE, "active_power_total", ENERGY]
    box.migrate({"turbine": names})
    box.opened[0].close()
    from collector.store.mariadb import MariaDatabase
    from collector.store.sqlite import SqliteDatabase

    writing = (
        MariaDatabase(box.settings) if box.settings.kind == "mariadb" else SqliteDatabase(box.settings.path, mode="rw")
    )  # type: ignore[arg-type]
    columns = [f"{VOLTAGE}_{part}" for part in ("count", "mean", "min", "max")]
    columns += [f"active_power_total_{part}" for part in ("count", "mean", "min", "max")]
    columns += [f"{ENERGY}_last", f"{ENERGY}_increase"]
    sql = writing.insert_new("reading_15m", ("meter_id", "time", *columns))
    rows = [
        (1, writing.moment(START + n * 900_000), 900, 1.5, 1.0, 2.0, 900, 1.5, 1.0, 2.0, 1.0, 2.0)
        for n in range(35_040)
    ]
    writing.transaction(lambda: writing.bulk(sql, rows))
    writing.close()
    reader = box.reader()
    found = reader.series("turbine", names[:2], START, START + 365 * DAY, Resolution.QUARTER)
    assert len(found.times) == 35_040
