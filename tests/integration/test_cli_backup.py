"""What a person types: back up, look, try, lose everything, restore; and what is said when it cannot be done."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.integration.conftest import Box, end, wait_for

#: A collector is started, killed and brought back for most of them.
pytestmark = pytest.mark.slow

CONFIG = """
[site]
name = "Chapada"
timezone = "America/Cuiaba"
[clock]
trust = "system"
[store]
kind = "sqlite"
path = "{folder}/readings.sqlite"
commit_every = "1s"
[backup]
folder = "{folder}/stick"
keep_daily = 2
keep_weekly = 0
keep_monthly = 0
[[line]]
name = "bus"
host = "127.0.0.1"
tcp_port = 1
[[meter]]
name = "turbine"
model = "siemens-pac3100"
line = "bus"
"""


@pytest.fixture
def site(box: Box) -> Box:
    """A logger with a database, an empty stick, and something learned."""
    box.write(CONFIG.format(folder=box.folder))
    (box.folder / "stick").mkdir()
    box.state.mkdir()
    (box.state / "gaps-turbine.json").write_text('{"key": "learned"}')
    assert box.phaselog("db", "migrate", str(box.config)).returncode == 0
    return box


def backed_up(box: Box) -> Path:
    done = box.phaselog("backup", "--json", str(box.config))
    assert done.returncode == 0, done.stderr
    return Path(json.loads(done.stdout)["file"])


def test_a_fresh_card_gets_everything_back(site: Box):
    made = backed_up(site)
    kept = site.config.read_text()
    tried = site.phaselog("restore", "--test", "--config", str(site.config))
    assert "all as they were" in tried.stdout
    listing = site.phaselog("backup", "--list", str(site.config)).stdout
    assert made.name in listing
    assert "restored in a test" in listing

    safe = site.folder / made.name
    shutil.copy(made, safe)
    site.database.unlink()
    site.config.unlink()
    shutil.rmtree(site.state)
    done = site.phaselog("restore", str(safe), "--config", str(site.config))

    assert done.returncode == 0, done.stderr
    assert "0 readings" in done.stdout
    assert site.config.read_text() == kept
    assert (site.state / "gaps-turbine.json").read_text() == '{"key": "learned"}'
    assert "the schema is current" in site.phaselog("db", "status", str(site.config)).stdout


def test_the_backup_is_for_nobody_else_and_carries_no_password(site: Box):
    made = backed_up(site)
    assert made.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in made.parent.iterdir()] == [made.name]


def test_a_changed_configuration_is_kept_beside(site: Box):
    made = backed_up(site)
    site.write(CONFIG.format(folder=site.folder).replace("Chapada", "Elsewhere"))
    done = site.phaselog("restore", str(made), "--config", str(site.config))
    assert done.returncode == 0, done.stderr
    (aside,) = site.folder.glob("phaselog.toml.before-*")
    assert "Elsewhere" in aside.read_text()
    assert "Chapada" in site.config.read_text()
    assert str(aside) in done.stdout


def test_a_damaged_file_changes_nothing(site: Box):
    made = backed_up(site)
    made.write_bytes(made.read_bytes()[:5000])
    before = site.config.read_text(), site.database.read_bytes()
    done = site.phaselog("restore", str(made), "--config", str(site.config), "--replace")
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {made}")
    assert (site.config.read_text(), site.database.read_bytes()) == before


def test_a_stick_that_is_not_there_is_a_sentence_and_an_alarm(site: Box):
    (site.folder / "stick").rmdir()
    done = site.phaselog("backup", str(site.config))
    assert done.returncode == 1
    assert f"backup folder {site.folder / 'stick'}: No such file or directory" in done.stderr
    assert "hint: plug in" in done.stderr
    found = json.loads((site.state / "backup" / "status.json").read_text())
    assert found["error"]
    assert found["error_time"]
    listed = site.phaselog("backup", "--list", str(site.config))
    assert listed.returncode == 1


def test_on_the_databases_own_disk_it_is_made_but_said(site: Box):
    done = site.phaselog("backup", str(site.config))
    assert done.returncode == 0
    assert "same disk as the database" in done.stderr


def test_two_at_once_do_not_disturb_each_other(site: Box):
    import fcntl

    backed_up(site)
    with (site.state / "backup" / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = site.phaselog("backup", str(site.config))
    assert done.returncode == 6
    assert "another backup or restore test is under way" in done.stderr


def test_what_an_interrupted_backup_left_goes_with_the_next(site: Box):
    (site.folder / "stick" / "phaselog-chapada-20260101T000000Z.tar.part").write_bytes(b"half")
    made = backed_up(site)
    assert [path.name for path in made.parent.iterdir()] == [made.name]


def test_a_full_stick_is_a_sentence_and_leaves_nothing(site: Box):
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    import subprocess

    stick = site.folder / "stick"
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(stick)], check=True)
    try:
        done = site.phaselog("backup", str(site.config))
        assert done.returncode == 1
        assert "not enough room" in done.stderr
        assert list(stick.iterdir()) == []
    finally:
        subprocess.run(["umount", str(stick)], check=True)


def test_a_running_collector_is_backed_up_and_goes_on(site: Box):
    process = site.start("run", str(site.config))
    wait_for((site.runtime / "status.json").exists, 30, "the collector runs")
    made = backed_up(site)
    refused = site.phaselog("restore", str(made), "--config", str(site.config))
    assert refused.returncode == 6
    assert "the collector still runs" in refused.stderr
    assert process.poll() is None
    assert end(process) == 0


def test_without_a_file_restore_says_what_it_wants(site: Box):
    done = site.phaselog("restore", "--config", str(site.config))
    assert done.returncode == 6
    assert "which backup?" in done.stderr


def test_a_copy_without_a_target_is_refused(site: Box):
    done = site.phaselog("backup", "--copy", str(site.config))
    assert done.returncode == 6
    assert "backup.copy_to is not set" in done.stderr


@pytest.fixture
def other_machine(site: Box) -> Path:
    """A folder that counts as another machine's: what would go through SSH is run here."""
    if shutil.which("rsync") is None:
        pytest.skip("rsync is not installed")
    folder = site.folder / "nas"
    folder.mkdir()
    programs = site.folder / "programs"
    programs.mkdir()
    ssh = programs / "ssh"
    ssh.write_text('#!/bin/sh\necho "$@" >>"$0.log"\nwhile [ "$1" != nas.local ]; do shift; done\nshift\nexec "$@"\n')
    ssh.chmod(0o755)
    site.environment["PATH"] = f"{programs}:{os.environ['PATH']}"
    site.write(site.config.read_text().replace("[backup]", f'[backup]\ncopy_to = "me@nas.local:{folder}"'))
    return folder


def test_the_second_copy_goes_out_by_key_and_nothing_is_removed_there(site: Box, other_machine: Path):
    (other_machine / "phaselog-chapada-20200101T000000Z.tar").write_bytes(b"old")
    made = backed_up(site)
    done = site.phaselog("backup", "--copy", str(site.config))
    assert done.returncode == 0, done.stderr
    assert (other_machine / made.name).read_bytes() == made.read_bytes()
    assert len(list(other_machine.iterdir())) == 2
    asked = (site.folder / "programs" / "ssh.log").read_text()
    assert f"-i {site.state}/backup/id_ed25519" in asked
    assert "BatchMode=yes" in asked
    assert json.loads((site.state / "backup" / "status.json").read_text())["copied"]


def test_a_second_copy_that_fails_is_written_down(site: Box, other_machine: Path):
    backed_up(site)
    other_machine.rmdir()
    other_machine.write_text("no folder")
    done = site.phaselog("backup", "--copy", str(site.config))
    assert done.returncode == 1
    assert "copying to me@nas.local" in done.stderr
    found = json.loads((site.state / "backup" / "status.json").read_text())
    assert found["copy_error"]
    assert found["file"]
