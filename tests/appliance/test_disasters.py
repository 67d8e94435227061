"""The server is killed, its files are damaged, the disk is full, the clock says 1970: it logs on by itself."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.appliance.logger import COMMIT_EVERY, Logger

CONFIG = "/etc/phaselog/phaselog.toml"
DROP_IN = "/etc/systemd/system/phaselog-collector.service.d/clock-of-1970.conf"
#: Number of the flag `time_estimated`.
ESTIMATED = 2


def widest_hole(logger: Logger, since: str) -> float:
    """The longest time (s) without a stored reading from then on."""
    return float(
        logger.machine.sql(
            "SELECT MAX(TIMESTAMPDIFF(MICROSECOND, before_it, time)) / 1e6 FROM (SELECT time,"
            f" LAG(time) OVER (ORDER BY time) AS before_it FROM phaselog.reading WHERE time >= '{since}') AS pairs"
        )
    )


def server(logger: Logger) -> str:
    """Process number of mariadbd."""
    return logger.machine.run("systemctl show --property=MainPID --value mariadb").stdout.strip()


@pytest.mark.parametrize("moment", ["during a commit", "at any moment"])
def test_a_killed_server_comes_back_and_not_one_reading_is_missing(logger: Logger, moment: str) -> None:
    machine = logger.machine
    logger.wait_until_well(120)
    since = machine.sql("SELECT MAX(time) FROM phaselog.reading")
    before = logger.stored(since)
    killed = server(logger)
    if moment == "during a commit":
        machine.run(f"kill -STOP {killed}")
        time.sleep(COMMIT_EVERY + 1)  # by now a commit has been sent that nobody answers
    else:
        time.sleep(random.Random(since).uniform(0, COMMIT_EVERY))
    machine.run(f"kill -KILL {killed}")
    back = machine.wait_until(lambda: server(logger) not in ("0", killed), 60, "the server is back")
    back += logger.wait_until_well(90)
    time.sleep(2 * COMMIT_EVERY)
    assert logger.stored(since) == before
    hole = widest_hole(logger, since)
    print(f"{machine.release}, killed {moment}: back after {back:.0f} s, widest hole {hole:.1f} s")
    assert hole < 3


def test_a_transaction_log_that_a_power_cut_has_emptied_is_set_aside(logger: Logger) -> None:
    machine = logger.machine
    assert machine.disk is not None
    logger.wait_until_well(120)
    newest = machine.sql("SELECT MAX(time) FROM phaselog.reading")
    before = logger.stored(newest)
    machine.power_cut()
    (machine.disk.mount / "mysql/tc.log").write_bytes(bytes(24576))
    machine.start()
    logger.wait_until_well(120)
    assert logger.stored(newest) == before
    assert (machine.disk.mount / "mysql/tc.log.broken").exists()


def wrong(logger: Logger) -> list[str]:
    """What the page finds wrong."""
    return [each["subject"] for each in logger.ask("/api/health").get("findings", ()) if each["state"] == "wrong"]


@contextmanager
def a_full_disk(logger: Logger) -> Iterator[None]:
    """Not one byte is free on it for a while."""
    assert logger.machine.disk is not None
    logger.machine.disk.fill()
    try:
        yield
    finally:
        logger.machine.disk.empty()


def test_a_full_disk_stops_nothing_and_nothing_is_missing_once_there_is_room(logger: Logger) -> None:
    machine = logger.machine
    logger.wait_until_well(120)
    since = machine.sql("SELECT MAX(time) FROM phaselog.reading")
    before = logger.stored(since)
    with a_full_disk(logger):
        time.sleep(6 * COMMIT_EVERY)
        states = logger.states()
        assert states["phaselog-collector.service"] == states["phaselog-status.service"] == "active"
        assert logger.ask("/api/live")["meters"]
        assert machine.run("phaselog doctor", check=False).returncode == 1
    back = logger.wait_until_well(120)
    time.sleep(2 * COMMIT_EVERY)
    assert logger.stored(since) == before
    hole = widest_hole(logger, since)
    print(f"{machine.release}, full disk: back after {back:.0f} s, widest hole {hole:.1f} s")
    assert hole < 3


def test_a_power_cut_with_a_full_disk_leaves_a_page_that_tells_and_all_comes_back_with_room(logger: Logger) -> None:
    machine = logger.machine
    logger.wait_until_well(120)
    newest = machine.sql("SELECT MAX(time) FROM phaselog.reading")
    before = logger.stored(newest)
    with a_full_disk(logger):
        time.sleep(COMMIT_EVERY)
        machine.power_cut()
        machine.start(settled=False)
        machine.wait_until(lambda: logger.ask("/api/live").get("meters"), 120, "the page answers")
        collector = ["systemctl is-active phaselog-collector"]
        machine.wait_until(lambda: machine.run(*collector, check=False).stdout == "active\n", 60, "it reads")
        machine.wait_until(lambda: wrong(logger), 60, "the page says that something is wrong")
    back = logger.wait_until_well(180)
    print(f"{machine.release}, cut with a full disk: back {back:.0f} s after there was room")
    assert logger.stored(newest) == before


def estimated(logger: Logger) -> int:
    """How many readings have a time that was estimated."""
    return int(logger.machine.sql(f"SELECT COUNT(*) FROM phaselog.reading WHERE flags & {ESTIMATED}"))


@pytest.fixture
def in_1970(logger: Logger) -> Iterator[Logger]:
    """A logger whose collector thinks that it is 1970, and that believes only NTP, a clock chip or a person."""
    machine = logger.machine
    machine.run("dpkg -s libfaketime >/dev/null 2>&1 || apt-get install -qy --no-install-recommends libfaketime")
    library = machine.run("dpkg -L libfaketime | grep -m 1 /libfaketime.so.1$").stdout.strip()
    fake = f"LD_PRELOAD={library} FAKETIME_DONT_FAKE_MONOTONIC=1"
    machine.write(DROP_IN, f"[Service]\nEnvironment={fake} 'FAKETIME=@1970-01-01 00:00:00'\n")
    machine.run(f'cp {CONFIG} /root/right.toml; sed -i \'s/^trust = .*/trust = "auto"\\nwait = "15s"/\' {CONFIG}')
    try:
        machine.run("systemctl daemon-reload; systemctl stop phaselog-collector")
        # The clock will be set by a person, so to say: not to the second. What it moves must not fall before this.
        time.sleep(3)
        # What an earlier process knew of this boot's time would be believed, and rightly so.
        machine.run("rm -f /var/lib/phaselog/clock*.json; systemctl start phaselog-collector")
        yield logger
    finally:
        machine.run(f"rm {DROP_IN}; cp /root/right.toml {CONFIG}; systemctl daemon-reload")
        machine.run("systemctl restart phaselog-collector phaselog-status")


def test_with_the_clock_at_1970_readings_wait_get_an_estimated_time_and_then_the_true_one(in_1970: Logger) -> None:
    logger, machine = in_1970, in_1970.machine
    newest = machine.sql("SELECT MAX(time) FROM phaselog.reading")
    before = logger.stored(newest)
    logger.machine.wait_until(lambda: estimated(logger) >= 5, 90, "readings with an estimated time are stored")
    assert machine.sql("SELECT COUNT(*) FROM phaselog.reading WHERE time < '2020-01-01'") == "0"
    assert logger.stored(newest) == before
    # As the collector sees the machine: in a container only, a unit's own /proc may show the boot of the host.
    collector = machine.run("systemctl show --property=MainPID --value phaselog-collector").stdout.strip()
    machine.run(f"nsenter --target={collector} --mount phaselog clock set $(date --utc +%Y-%m-%dT%H:%M:%S.%3NZ)")
    try:
        machine.wait_until(lambda: estimated(logger) == 0, 120, "they have their true times")
    except AssertionError as error:
        boots = machine.sql("SELECT * FROM phaselog.boot; SELECT MIN(time), MAX(time), COUNT(*) FROM phaselog.reading")
        said = machine.run("phaselog clock status", check=False).stdout
        raise AssertionError(f"{error}\n{boots}\n{said}\n{machine.journal('phaselog-collector')[-5000:]}") from None
    machine.wait_until(logger.logs, 60, "new readings have the true time")
    assert logger.stored(newest) == before
    assert any("clock" in event["kind"] for event in logger.ask("/api/events")["events"])
