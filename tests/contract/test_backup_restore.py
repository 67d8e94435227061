"""What is restored is what was stored: row by row, on both databases, also while the collector goes on writing."""

from __future__ import annotations

import sqlite3
import subprocess
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from stores import START, Box, Server

from collector import service
from collector.backup.checking import contents_of
from collector.backup.nightly import back_up
from collector.backup.rehearsal import rehearse
from collector.backup.restoring import Restoring
from collector.config.load import load
from collector.config.places import backup_directory
from collector.config.settings import Settings, StoreSettings
from collector.devices import catalogue
from collector.errors import PhaselogError, StoreError, UsageError
from collector.model.backup import BackupStatus, read_backup_status
from collector.model.event import Event
from collector.model.reading import Reading
from collector.store.snapshot import open_snapshot

pytestmark = pytest.mark.slow

#: Values whose digits get lost easily: FLOAT holds 24 bits of them.
NASTY = [230.123456789, 1 / 3, 16777216.0, -0.0, 0.0, 1e-38, 3.4e38, 9.9999995, 999.99994, 1e-45, 123456.789, None]
CONFIG = """
[site]
name = "Chapada dos Guimarães"
timezone = "America/Cuiaba"
[store]
{store}
[backup]
folder = "{folder}"
[[line]]
name = "bus"
host = "127.0.0.1"
[[meter]]
name = "turbine"
model = "siemens-pac3100"
line = "bus"
"""


def quiet(done: int, total: int) -> None:
    """Nobody watches."""


@pytest.fixture
def site(box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A logger with a store of either kind, a week of readings, and an empty folder for backups."""
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "gaps-turbine.json").write_text('{"key": "x"}')
    (tmp_path / "stick").mkdir()
    store = box.settings
    text = f'kind = "sqlite"\npath = "{store.path}"'
    if store.kind == "mariadb":
        text = f'kind = "mariadb"\nsocket = "{store.socket}"\nuser = "root"\ndatabase = "{store.database}"'
    path = tmp_path / "phaselog.toml"
    path.write_text(CONFIG.format(store=text, folder=tmp_path / "stick"))
    settings = load(path, catalogue.OFFERS)
    service.maintain(settings, retain=False)
    writer = box.writer()
    writer.commit(readings(0, 3000))
    writer.add_event(Event(START, "note", "a?b %s 'quoted' \\ \n \r \" ü €; -- Dump completed: 1 tables\n(1,2);"))
    return settings


def readings(first: int, count: int) -> list[Reading]:
    """`count` readings a second apart, values that are not round."""
    return [
        Reading(
            "turbine",
            START + second * 1000,
            {
                "voltage_l1_n": NASTY[second % len(NASTY)],
                "current_l1": second / 7,
                "active_energy_import": 1e9 + second / 3,
            },
        )
        for second in range(first, first + count)
    ]


def contents(store: StoreSettings) -> dict[str, object]:
    with closing(open_snapshot(store)) as snapshot:
        return dict(contents_of(snapshot))


def restore(settings: Settings, path: Path, *, replace_it: bool = False) -> list[str]:
    """What `phaselog restore` does; where the things from before are."""
    with closing(Restoring(path)) as restoring:
        restoring.require_free(settings.store, replace_it)
        restoring.database(settings.store, quiet)
        restoring.state(settings.path)
        service.maintain(settings, retain=False)
        return restoring.done.kept


def status_of(settings: Settings) -> BackupStatus:
    found = read_backup_status(backup_directory(settings.path))
    assert found is not None
    return found


def emptied(settings: Settings, box: Box) -> None:
    """A fresh card: the database is gone."""
    box.close()
    if settings.store.path:
        settings.store.path.unlink()
    else:
        box.server_sql(f"DROP DATABASE {settings.store.database}")


def test_restored_into_an_empty_database_everything_is_as_it_was(site: Settings, box: Box):
    before = contents(site.store)
    raw = box.server_sql(f"CHECKSUM TABLE {site.store.database}.reading, {site.store.database}.event")
    rows = list(box.reader().rows("turbine", ["voltage_l1_n", "active_energy_import"], 0, 10**14))
    made = back_up(site)
    emptied(site, box)
    (site.path.parent / "state" / "gaps-turbine.json").unlink()

    assert restore(site, made.path) == []

    # The views' table is made anew by migration; it holds checksums of this site's views, the same again.
    assert contents(site.store) == before
    assert list(box.reader().rows("turbine", ["voltage_l1_n", "active_energy_import"], 0, 10**14)) == rows
    # MariaDB's own opinion, which knows nothing of ours.
    assert box.server_sql(f"CHECKSUM TABLE {site.store.database}.reading, {site.store.database}.event") == raw
    assert (site.path.parent / "state" / "gaps-turbine.json").read_text() == '{"key": "x"}'
    assert box.writer().commit(readings(3000, 10)) == 10


def test_writing_meanwhile_does_not_break_the_backup(site: Settings, box: Box):
    stop, committed = threading.Event(), []

    def write() -> None:
        writer = box.writer()
        while not stop.is_set():
            committed.append(writer.commit(readings(3000 + 20 * len(committed), 20)))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        # Into a folder each: of one day only the newest would be kept.
        folders = [site.path.parent / f"stick{number}" for number in range(3)]
        for folder in folders:
            folder.mkdir()
        made = [back_up(site, folder) for folder in folders]
    finally:
        stop.set()
        thread.join()
    assert len(committed) > 3
    for each in made:
        _, manifest = rehearse(site, each.path, quiet)
        # Whole batches: what was committed together is in the backup together.
        assert (manifest.readings - 3000) % 20 == 0
        assert manifest.tables["batch"].rows == 1 + (manifest.readings - 3000) // 20
    assert status_of(site).test_error is None


def test_the_rehearsal_leaves_nothing_behind(site: Settings, box: Box):
    made = back_up(site)
    path, manifest = rehearse(site, None, quiet)
    assert path == made.path
    assert manifest.readings == 3000
    found = status_of(site)
    assert (found.file, found.tested_file, found.verified, found.readings) == (path.name, path.name, True, 3000)
    assert "restore_test" not in box.server_sql("SHOW DATABASES")


def test_other_readings_are_not_overwritten_but_put_aside(site: Settings, box: Box):
    made = back_up(site)
    writer = box.writer()
    writer.commit(readings(3000, 5))
    with pytest.raises(UsageError, match="3005 readings that are not those of the backup"):
        restore(site, made.path)
    old = contents(site.store)
    box.close()

    (kept,) = restore(site, made.path, replace_it=True)

    aside = replace(site.store, path=Path(kept)) if site.store.path else site.store
    if site.store.path is None:
        aside = replace(site.store, database=kept.removeprefix("database "))
    assert contents(aside) == old
    assert contents(site.store)["reading"] == made.manifest.tables["reading"]
    if site.store.path is None:
        box.server_sql(f"DROP DATABASE {aside.database}")


def shortened(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])


def emptied_file(path: Path) -> None:
    path.write_bytes(b"")


def bent(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [shortened, emptied_file, bent])
def test_a_damaged_backup_is_found_out_before_anything_is_touched(
    site: Settings, box: Box, damage: Callable[[Path], None]
):
    made = back_up(site)
    damage(made.path)
    before = contents(site.store)
    with pytest.raises(PhaselogError, match=r"damaged|no complete backup"):
        Restoring(made.path)
    assert contents(site.store) == before
    with pytest.raises(PhaselogError):
        rehearse(site, made.path, quiet)
    assert status_of(site).test_error
    assert [event.kind for event in box.reader().events(limit=1)] == ["restore_test_failed"]


def test_a_backup_that_shrank_is_kept_and_raises_the_alarm(site: Settings, box: Box):
    first = back_up(site)
    with closing(box.maintainer()) as maintainer:
        maintainer.migrate({}, START)
    table = f"{site.store.database}.reading" if site.store.path is None else "reading"
    run_sql(site, box, f"DELETE FROM {table}")
    with pytest.raises(PhaselogError, match="suspiciously small"):
        later(site, first.manifest.made + 86_400_000)
    assert len(list((site.path.parent / "stick").iterdir())) == 2
    found = status_of(site)
    assert found.file == first.path.name
    assert found.error
    assert [event.kind for event in box.reader().events(limit=1)] == ["backup_failed"]


def later(settings: Settings, now: int) -> None:
    with patch("collector.backup.nightly._now", lambda: now):
        back_up(settings)


def run_sql(settings: Settings, box: Box, sql: str) -> None:
    if settings.store.path is None:
        box.server_sql(sql)
        return
    with closing(sqlite3.connect(settings.store.path)) as link:
        link.execute(sql)
        link.commit()


def test_a_database_without_tables_raises_the_alarm(site: Settings, box: Box):
    if site.store.path:
        emptied(site, box)
        site.store.path.touch()
    else:
        box.server_sql(f"DROP DATABASE {site.store.database}; CREATE DATABASE {site.store.database}")
    with pytest.raises(PhaselogError, match="no tables"):
        back_up(site)
    assert "no tables" in (status_of(site).error or "")
    assert list((site.path.parent / "stick").iterdir()) == []


def test_a_store_that_is_down_raises_the_alarm(site: Settings, box: Box):
    emptied(site, box)
    with pytest.raises(StoreError):
        back_up(site)
    assert status_of(site).error


def test_a_backup_of_an_older_version_is_brought_up_to_date(site: Settings, box: Box):
    run_sql(site, box, f"ALTER TABLE {_qualified(site)} DROP COLUMN current_l1")
    made = back_up(site)
    emptied(site, box)
    restore(site, made.path)
    assert box.writer().commit(readings(3000, 10)) == 10


def _qualified(settings: Settings) -> str:
    return "reading" if settings.store.path else f"{settings.store.database}.reading"


@pytest.mark.mariadb
def test_mariadb_dump_would_lose_digits(server: Server, mariadb_box: Box):
    """Why there is a dump of our own (docs/explanation/decisions/0060-backups.md)."""
    name = mariadb_box.settings.database
    server.sql(f"CREATE DATABASE {name}; CREATE TABLE {name}.t (v FLOAT); INSERT INTO {name}.t VALUES (16777216)")
    command = ["mariadb-dump", "--no-defaults", "-uroot", f"--socket={server.socket}", "--single-transaction", name]
    assert "(16777200)" in subprocess.run(command, check=True, capture_output=True, text=True).stdout
    with closing(open_snapshot(mariadb_box.settings)) as snapshot:
        assert list(snapshot.rows("t")) == [[b"(16777216)"]]


@pytest.mark.mariadb
@pytest.mark.parametrize("box", ["mariadb"], indirect=True)
def test_the_account_of_the_backup_needs_no_more_than_it_has(site: Settings, server: Server):
    """The rights of provisioning/roles/backup/tasks/make_user.yml."""
    name = site.store.database
    server.sql(
        f"CREATE USER backup@localhost; GRANT SELECT ON {name}.* TO backup@localhost;"
        f"GRANT INSERT ON {name}.event TO backup@localhost; GRANT ALL ON {name}_restore_test.* TO backup@localhost"
    )
    try:
        mine = replace(site, store=replace(site.store, user="backup"))
        made = back_up(mine)
        rehearse(mine, None, quiet)
        made.path.write_bytes(b"")
        with pytest.raises(PhaselogError):
            rehearse(mine, None, quiet)
        assert server.sql(f"SELECT kind FROM {name}.event ORDER BY time DESC LIMIT 1").strip() == "restore_test_failed"
        for forbidden in ("DELETE FROM reading", "DROP TABLE reading", "UPDATE event SET kind = 'x'"):
            as_backup = ["mariadb", "--no-defaults", "-ubackup", f"--socket={server.socket}", name, "-e", forbidden]
            assert "denied" in refused(as_backup)
    finally:
        server.sql("DROP USER backup@localhost")


def refused(command: list[str]) -> str:
    return subprocess.run(command, check=False, capture_output=True, text=True).stderr
