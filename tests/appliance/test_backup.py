"""On a booted logger: the night's backup, the monthly test of it, and everything back after a loss."""

from __future__ import annotations

import json

from tests.appliance.logger import COMMIT_EVERY, Logger

FOLDER = "/mnt/phaselog-backup"


def status(logger: Logger) -> dict[str, object]:
    """What the health page reads, as the page's user sees it."""
    found = logger.machine.run("runuser -u phaselog-status -- cat /var/lib/phaselog-backup/status.json").stdout
    return dict(json.loads(found))


def newest(logger: Logger) -> str:
    return logger.machine.run(f"ls {FOLDER}/*.tar | tail -n 1").stdout.strip()


def test_the_night_and_the_month_do_what_they_should(logger: Logger) -> None:
    logger.machine.run("systemctl start phaselog-backup")
    logger.machine.run("systemctl start phaselog-restore-test")
    found = status(logger)
    assert found["error"] is None
    assert found["test_error"] is None
    assert found["tested_file"] == found["file"]
    assert isinstance(found["readings"], int)
    assert found["readings"] > 0
    assert "restore_test" not in logger.machine.sql("SHOW DATABASES")
    timers = logger.machine.run("systemctl list-timers --no-legend 'phaselog-*'").stdout
    assert "phaselog-backup.timer" in timers
    assert "phaselog-restore-test.timer" in timers


def test_the_hour_is_the_sites(logger: Logger) -> None:
    shown = logger.machine.run("systemctl show phaselog-backup.timer -p TimersCalendar").stdout
    assert "02:15:00 America/Cuiaba" in shown


def test_a_failure_is_an_alarm_that_a_person_finds(logger: Logger) -> None:
    logger.machine.run(f"mv {FOLDER} {FOLDER}.away")
    done = logger.machine.run("systemctl start phaselog-backup", check=False)
    logger.machine.run(f"mv {FOLDER}.away {FOLDER}")
    assert done.returncode != 0
    assert "No such file" in str(status(logger)["error"])
    assert "backup_failed" in logger.machine.sql("SELECT kind FROM phaselog.event ORDER BY time DESC LIMIT 1")
    logger.machine.run("systemctl reset-failed; systemctl start phaselog-backup")
    assert status(logger)["error"] is None


def test_after_a_loss_everything_comes_back(logger: Logger) -> None:
    machine = logger.machine
    machine.run("systemctl start phaselog-backup")
    had = int(str(status(logger)["readings"]))
    machine.wait_until(lambda: logger.readings() > had, 60, "there are readings that the backup does not have")
    refused = machine.run(f"phaselog restore {newest(logger)}", check=False)
    assert refused.returncode == 6
    assert "--replace" in refused.stderr
    done = machine.run(f"phaselog restore --replace {newest(logger)}")
    assert f"{had} readings" in done.stdout
    assert "phaselog-collector.service" in done.stdout
    machine.wait_until(logger.logs, 60 + COMMIT_EVERY, "it logs again")
    machine.wait_until(lambda: bool(logger.ask("/api/live")), 60, "the page answers")
    assert machine.run("runuser -u phaselog-status -- mariadb phaselog -e 'SELECT * FROM latest'").stdout
    kept = machine.sql("SHOW DATABASES LIKE 'phaselog_before_%'").strip()
    assert int(machine.sql(f"SELECT COUNT(*) FROM {kept}.reading")) > had
    machine.sql(f"DROP DATABASE {kept}")
    assert (
        "nothing to do"
        in machine.run("runuser -u phaselog-maintain -- phaselog db migrate /etc/phaselog/phaselog.toml").stdout
    )
