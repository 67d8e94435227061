"""On an appliance the doctor sees each trouble in its one line with what to do; elsewhere it does not look."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from collector.config.settings import ApplianceSettings
from collector.model.finding import State


def one(appliance, subject):
    (finding,) = appliance.found(subject)
    return finding


def test_a_healthy_one_is_fine_in_every_line(appliance):
    found = appliance.look()
    assert {finding.state for finding in found} == {State.FINE}
    subjects = {finding.subject for finding in found}
    assert {"services", "maintenance", "backup", "restore test", "release", "updates", "watchdog", "power", "card",
            "memory", "clock chip", "database port", "account phaselog-collector"} <= subjects  # fmt: skip


def test_nothing_of_it_is_looked_at_elsewhere(appliance, tmp_path):
    appliance.settings = replace(appliance.settings, path=tmp_path / "phaselog.toml")
    assert appliance.look() == []


@pytest.mark.parametrize(
    ("state", "words"), [("failed", "exit-code"), ("inactive", "is inactive"), ("missing", "not-found")]
)
def test_a_unit_that_does_not_run_is_wrong(appliance, state, words):
    appliance.units["phaselog-backup.timer"] = state
    finding = one(appliance, "service phaselog-backup.timer")
    assert finding.state is State.WRONG
    assert words in finding.seen
    assert finding.advice
    assert not appliance.found("services")


def test_a_failed_maintenance_and_a_stranger_that_failed(appliance):
    appliance.units["phaselog-maintain.service"] = "failed"
    appliance.failed = "nginx.service loaded failed failed A web server"
    assert one(appliance, "maintenance").state is State.WRONG
    assert one(appliance, "service nginx").state is State.ATTENTION


def test_a_collector_that_may_drop_tables_is_found(appliance):
    appliance.grants["phaselog-collector"] = (
        "GRANT USAGE ON *.* TO `phaselog-collector`@`localhost`\n"
        "GRANT SELECT, INSERT, DROP ON `phaselog`.* TO `phaselog-collector`@`localhost`"
    )
    finding = one(appliance, "account phaselog-collector")
    assert finding.state is State.WRONG
    assert "DROP on phaselog.*" in finding.seen


@pytest.mark.parametrize(
    ("name", "grant"),
    [
        ("phaselog-status", "GRANT SELECT, INSERT ON `phaselog`.* TO x"),
        ("phaselog-status", "GRANT INSERT, DELETE ON `phaselog`.`event` TO x"),
        ("phaselog-status", "GRANT INSERT ON `phaselog`.`reading` TO x"),
        ("phaselog-status", "GRANT ALTER ON `phaselog`.`page_user` TO x"),
        ("phaselog-status", "GRANT SELECT (`a`, `b`), UPDATE (`flags`, `time`) ON `phaselog`.`reading` TO x"),
        ("phaselog-collector", "GRANT DELETE ON `phaselog`.`reading` TO x"),
        ("phaselog-insight", "GRANT SELECT, UPDATE ON `phaselog`.`reading_15m` TO x"),
        ("phaselog-insight", "GRANT INSERT ON `phaselog`.* TO x"),
        ("phaselog-insight", "GRANT ALTER ON `phaselog`.`bill` TO x"),
        ("phaselog-status", "GRANT INSERT, UPDATE ON `phaselog`.`alert` TO x"),
        ("phaselog-alerts", "GRANT INSERT ON `phaselog`.`event` TO x"),
        ("phaselog-alerts", "GRANT DROP ON `phaselog`.`alert` TO x"),
        ("phaselog-maintain", "GRANT ALL PRIVILEGES ON *.* TO x WITH GRANT OPTION"),
        ("phaselog-backup", "GRANT ALL PRIVILEGES ON `phaselog`.* TO x"),
    ],
)
def test_rights_that_an_account_must_not_have(appliance, name, grant):
    appliance.grants[name] = grant
    assert one(appliance, f"account {name}").state is State.WRONG


def test_an_account_that_is_not_let_in(appliance):
    del appliance.grants["phaselog-backup"]
    finding = one(appliance, "account phaselog-backup")
    assert finding.state is State.WRONG
    assert "Access denied" in finding.seen


def socket_line(address, port):
    return f"   0: {address}:{port:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 106\n"


def test_a_database_that_listens_to_the_network(appliance):
    appliance.write("proc/net/tcp", "  sl  local_address\n" + socket_line("00000000", 3306))
    assert one(appliance, "database port").state is State.WRONG
    appliance.settings = replace(appliance.settings, appliance=ApplianceSettings(remote_database=("192.168.1.0/24",)))
    assert one(appliance, "database port").state is State.FINE
    appliance.write("proc/net/tcp", "  sl  local_address\n" + socket_line("00000000", 80))
    assert one(appliance, "database port").state is State.WRONG


@pytest.mark.parametrize(
    ("change", "subject", "state"),
    [
        ({"time": 40}, "backup", State.WRONG),
        ({"verified": False}, "backup", State.WRONG),
        ({"size": 0}, "backup", State.WRONG),
        ({"error": "no stick"}, "backup", State.ATTENTION),
        ({"error": "no stick", "time": 40}, "backup", State.WRONG),
        ({"attention": "on the same card as the database"}, "backup", State.ATTENTION),
        ({"tested": 24 * 50}, "restore test", State.ATTENTION),
        ({"test_error": "3 rows are missing"}, "restore test", State.WRONG),
        ({"tested": None}, "restore test", State.SKIPPED),
        ({"copy_error": "host is down"}, "second copy", State.ATTENTION),
    ],
)
def test_backups_that_are_old_broken_or_untested(appliance, change, subject, state):
    hours = {key: appliance.ago(value) for key, value in change.items() if key in ("time", "tested") and value}
    appliance.backup |= change | hours
    assert one(appliance, subject).state is state


def test_no_backup_at_all_is_wrong_after_the_first_night(appliance):
    appliance.backup = {}
    assert one(appliance, "backup").state is State.SKIPPED
    link = appliance.root / "opt/phaselog/current"
    os.utime(link, (time.time() - 3 * 86400,) * 2, follow_symlinks=False)
    assert one(appliance, "backup").state is State.WRONG


def test_a_backup_file_of_a_newer_version_is_no_traceback(appliance):
    appliance.backup |= {"unheard_of": 1}
    assert one(appliance, "backup").state in (State.SKIPPED, State.WRONG)


def test_the_systems_python_was_upgraded(appliance):
    appliance.write("usr/bin/python3.13", "")
    appliance.link("usr/bin/python3", "usr/bin/python3.13")
    finding = one(appliance, "release")
    assert finding.state is State.WRONG
    assert "3.13" in finding.seen


def test_a_release_that_is_gone(appliance):
    appliance.link("opt/phaselog/current", "opt/phaselog/releases/gone")
    assert one(appliance, "release").state is State.WRONG


@pytest.mark.parametrize("flag", ["run/reboot-required", "run/phaselog-reboot-required"])
def test_a_restart_is_due(appliance, flag):
    appliance.write(flag, "")
    assert one(appliance, "restart").state is State.ATTENTION


@pytest.mark.parametrize(
    ("said", "state"), [("0", "attention"), ("1min", "attention"), ("infinity", "attention"), ("14s", "fine")]
)
def test_a_watchdog_that_does_not_watch(appliance, monkeypatch, said, state):
    monkeypatch.setenv("WATCHDOG", said)
    assert one(appliance, "watchdog").state.value == state


@pytest.mark.parametrize(
    ("bits", "state"), [("50005", State.WRONG), ("50000", State.ATTENTION), ("8", State.ATTENTION)]
)
def test_weak_power(appliance, bits, state):
    appliance.write("sys/devices/platform/soc/soc:firmware/get_throttled", f"{bits}\n")
    assert one(appliance, "power").state is state


def test_power_is_asked_of_vcgencmd_where_the_kernel_does_not_say(appliance):
    (appliance.root / "sys/devices/platform/soc/soc:firmware/get_throttled").unlink()
    assert one(appliance, "power").state is State.SKIPPED
    appliance.program("vcgencmd", "echo throttled=0x50000")
    assert one(appliance, "power").state is State.ATTENTION


def test_a_dying_card(appliance):
    appliance.write("sys/fs/ext4/mmcblk0p2/errors_count", "3\n")
    assert one(appliance, "card").state is State.WRONG
    appliance.write("proc/self/mountinfo", "22 1 179:2 / / ro shared:1 - ext4 /dev/mmcblk0p2 ro,errors=remount-ro\n")
    assert "read-only" in one(appliance, "card").seen


def test_a_hardened_unit_sees_its_disk_read_only_and_is_not_alarmed(appliance):
    appliance.write("proc/self/mountinfo", "22 1 179:2 / / ro,noatime shared:1 - ext4 /dev/mmcblk0p2 rw\n")
    assert one(appliance, "card").state is State.FINE


def test_little_memory(appliance):
    appliance.write("proc/meminfo", "MemTotal: 500000 kB\nMemAvailable: 20000 kB\n")
    assert one(appliance, "memory").state is State.ATTENTION


def test_no_clock_chip_matters_only_without_internet(appliance):
    for file in sorted((appliance.root / "sys/class/rtc").rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    assert one(appliance, "clock chip").state is State.FINE
    appliance.settings = replace(appliance.settings, appliance=ApplianceSettings(internet=False))
    assert one(appliance, "clock chip").state is State.ATTENTION
    appliance.settings = replace(appliance.settings, appliance=ApplianceSettings(clock_chip="ds3231"))
    assert one(appliance, "clock chip").state is State.WRONG


def test_updates_that_stopped_coming(appliance):
    stamp = appliance.root / "var/lib/apt/periodic/upgrade-stamp"
    os.utime(stamp, (time.time() - 30 * 86400,) * 2)
    assert one(appliance, "updates").state is State.ATTENTION
    appliance.settings = replace(appliance.settings, appliance=ApplianceSettings(updates="none"))
    assert one(appliance, "updates").state is State.FINE


def test_without_any_program_and_file_every_line_is_skipped_or_judged_but_never_a_traceback(
    appliance, nothing, tmp_path
):
    nothing()
    appliance.root = Path(tmp_path / "empty")
    appliance.backup = {}
    found = appliance.look()
    assert len(found) >= 8
    assert next(each for each in found if each.subject == "services").state is State.SKIPPED


def test_a_database_that_is_down_is_said_once_not_for_each_account(appliance):
    appliance.program("mariadb", "echo 'ERROR 2002 (HY000): nobody there' >&2; exit 1")
    assert one(appliance, "database accounts").state is State.SKIPPED
    assert not appliance.found("account phaselog-status")


def test_maintenance_that_does_not_come(appliance):
    stamp = appliance.root / "var/lib/systemd/timers/stamp-phaselog-maintain.timer"
    os.utime(stamp, (time.time() - 5 * 86400,) * 2)
    assert one(appliance, "maintenance").state is State.ATTENTION
