"""What the running appliance takes: memory, bytes written and syncs to disk, as on a board with 512 MB."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.appliance.logger import COMMIT_EVERY, Logger

#: DESIGN's budgets: MB of memory of the server and all units of ours; syncs a minute on the mean, jobs included.
MOST_MEMORY = 230
MOST_SYNCS = 6
#: Seconds from one commit to the next.
COMMIT = 60
#: Commits of a window that begins half-way between two.
WINDOW = 2
#: Seconds in which the server has written what a job has changed.
SETTLED = 20
#: Minutes.
A_DAY = 1440
RESULTS = ("energy_day", "quality_10m", "quality_day")
CONFIG = "/etc/phaselog/phaselog.toml"


@pytest.fixture
def sixty_seconds(logger: Logger) -> Iterator[Logger]:
    """A logger that commits once a minute, as everybody's does."""
    change = "sed -i 's/^commit_every = .*/commit_every = \"{}s\"/' {} && systemctl restart phaselog-collector"
    logger.machine.run(change.format(COMMIT, CONFIG))
    yield logger
    logger.machine.run(change.format(COMMIT_EVERY, CONFIG))


def memory(logger: Logger) -> dict[str, float]:
    """MB of each unit's processes, shared pages counted once (PSS); taken by user, whoever has started them."""
    found = logger.machine.run(
        "for process in /proc/[0-9]*; do"
        " user=$(stat --format %U $process 2>/dev/null) &&"
        " kb=$(awk '/^Pss:/ {print $2}' $process/smaps_rollup 2>/dev/null) && echo $user ${kb:-0}; done; true"
    ).stdout
    used: dict[str, float] = {}
    for line in found.splitlines():
        user, kilobytes = line.split()
        if user == "mysql" or user.startswith(("phaselog-", "www-data", "_chrony")):
            used[user] = used.get(user, 0) + int(kilobytes) / 1024
    return used


def worn(logger: Logger) -> dict[str, float]:
    """Counters: octets written by the server and by the collector, their syncs, and what reached the disk."""
    machine = logger.machine
    assert machine.disk is not None
    syncs = machine.sql("SHOW GLOBAL STATUS WHERE Variable_name IN ('Innodb_data_fsyncs', 'Innodb_os_log_fsyncs')")
    io = "awk '/^write_bytes/ {print $2}' /proc/$(systemctl show --property=MainPID --value %s)/io"
    stat = machine.disk.counters()
    return {
        "server, bytes": float(machine.run(io % "mariadb").stdout),
        "collector, bytes": float(machine.run(io % "phaselog-collector").stdout),
        "InnoDB syncs": sum(float(line.split()[1]) for line in syncs.splitlines()),
        "disk, bytes": stat.octets,
        "disk, flushes": stat.flushes,
    }


@pytest.fixture
def jobs(sixty_seconds: Logger) -> Iterator[dict[str, float]]:
    """Service -> minutes between two runs of it, of each job that a timer of ours starts many times a day: one that
    runs once would need hundreds of syncs to count. None starts by itself meanwhile."""
    machine = sixty_seconds.machine
    found = machine.run("systemctl list-units --plain --no-legend --state=active 'phaselog-*.timer'").stdout
    timers = [line.split()[0] for line in found.splitlines()]
    machine.run(f"systemctl stop {' '.join(timers)}")
    periods = {timer.replace(".timer", ".service"): _period(sixty_seconds, timer) for timer in timers}
    under_way = f"systemctl show --property=ActiveState --value {' '.join(periods)} | grep -qw activating"
    machine.wait_until(lambda: machine.run(under_way, check=False).returncode, 300, "no job runs")
    yield {service: minutes for service, minutes in periods.items() if minutes < A_DAY}
    machine.run(f"systemctl start {' '.join(timers)}")


def _period(logger: Logger, timer: str) -> float:
    """Minutes from one start to the next, as systemd reckons the timer's calendar."""
    told = logger.machine.run(f"systemctl show --property=TimersCalendar --value {timer}").stdout
    calendar = told.split("OnCalendar=")[1].split(" ;")[0]
    coming = logger.machine.run(f"systemd-analyze calendar --iterations=2 '{calendar}'").stdout
    # "Next elapse: Sun 2026-11-29 00:03:00 UTC", "Iteration #2: ..."
    first, second = (
        datetime.fromisoformat(" ".join(line.split()[-3:-1]))
        for line in coming.splitlines()
        if "Next elapse" in line or "Iter" in line
    )
    return (second - first).total_seconds() / 60


def between_commits(logger: Logger) -> None:
    """Until half-way between two of the collector's commits, with no end of a quarter of an hour near."""
    soon = 900 - time.time() % 900
    if soon < (WINDOW + 1) * COMMIT:
        time.sleep(soon + COMMIT / 2)
    count = "SELECT COUNT(*) FROM phaselog.batch"
    before = logger.machine.sql(count)
    logger.machine.wait_until(lambda: logger.machine.sql(count) != before, 2 * COMMIT, "the collector commits")
    time.sleep(COMMIT / 2)


def wear_of(logger: Logger, seconds: float, job: str = "") -> dict[str, float]:
    """What is written and synced in these seconds, after a run of this job if there is one."""
    before = worn(logger)
    if job:
        logger.machine.run(f"systemctl start {job}")
    time.sleep(seconds)
    after = worn(logger)
    return {name: after[name] - before[name] for name in after}


def make_work(logger: Logger) -> None:
    """Leaves to the jobs what a quarter of an hour leaves them: a day that is due, and results that are news."""
    tables = "".join(f"DELETE FROM {table} WHERE time > UTC_TIMESTAMP() - INTERVAL 1 DAY;" for table in RESULTS)
    logger.machine.sql(
        f"USE phaselog; {tables} INSERT INTO insight_due (calculation, meter_id, time, version)"
        " SELECT insight_calculation.name, meter.id, UTC_TIMESTAMP(3), 1 FROM insight_calculation, meter"
    )


def test_memory_and_wear_are_within_the_budget(sixty_seconds: Logger, jobs: dict[str, float]) -> None:
    """Wear is what a minute costs, and of each job what a run of it costs, spread over the time to the next one."""
    logger = sixty_seconds
    pool = int(logger.machine.sql("SELECT @@innodb_buffer_pool_size")) // 2**20
    between_commits(logger)
    a_minute = {name: value / WINDOW for name, value in wear_of(logger, WINDOW * COMMIT).items()}
    logger.ask("/api/live")
    used = memory(logger)
    make_work(logger)
    a_run = {job: wear_of(logger, SETTLED, job)["InnoDB syncs"] for job in jobs}
    syncs = a_minute["InnoDB syncs"] + sum(a_run[job] / minutes for job, minutes in jobs.items())
    print(f"\n{logger.machine.release}, pool of {pool} MB, a reading a second, a commit a minute:")
    print("".join(f"  {user:20} {megabytes:6.1f} MB\n" for user, megabytes in used.items()), end="")
    print(f"  {'together':20} {sum(used.values()):6.1f} MB (budget {MOST_MEMORY})")
    print("".join(f"  {name:20} {value:10.1f} a minute\n" for name, value in a_minute.items()), end="")
    print("".join(f"  {job:28} {a_run[job]:4.0f} syncs, every {jobs[job]:6.0f} minutes\n" for job in jobs), end="")
    print(f"  {'InnoDB syncs':20} {syncs:10.1f} a minute, jobs included (budget {MOST_SYNCS})")
    assert {"mysql", "phaselog-collector", "phaselog-status"} <= set(used)
    assert a_run["phaselog-insight.service"] > 0
    assert sum(used.values()) <= MOST_MEMORY
    assert syncs <= MOST_SYNCS
