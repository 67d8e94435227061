"""What the running appliance takes: memory, bytes written and syncs to disk, as on a board with 512 MB."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.appliance.logger import COMMIT_EVERY, Logger

#: DESIGN's budgets: MB of memory of the server and all units of ours; syncs a minute.
MOST_MEMORY = 230
MOST_SYNCS = 6
MINUTES = 2
CONFIG = "/etc/phaselog/phaselog.toml"


@pytest.fixture
def sixty_seconds(logger: Logger) -> Iterator[Logger]:
    """A logger that commits once a minute, as everybody's does."""
    change = "sed -i 's/^commit_every = .*/commit_every = \"{}s\"/' {} && systemctl restart phaselog-collector"
    logger.machine.run(change.format(60, CONFIG))
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


def test_memory_and_wear_are_within_the_budget(sixty_seconds: Logger) -> None:
    logger = sixty_seconds
    pool = int(logger.machine.sql("SELECT @@innodb_buffer_pool_size")) // 2**20
    time.sleep(70)  # past the first commits, which come early
    before = worn(logger)
    time.sleep(60 * MINUTES)
    after = worn(logger)
    logger.ask("/api/live")
    a_minute = {name: (after[name] - before[name]) / MINUTES for name in after}
    used = memory(logger)
    print(f"\n{logger.machine.release}, pool of {pool} MB, a reading a second, a commit a minute:")
    print("".join(f"  {user:20} {megabytes:6.1f} MB\n" for user, megabytes in used.items()), end="")
    print(f"  {'together':20} {sum(used.values()):6.1f} MB (budget {MOST_MEMORY})")
    print("".join(f"  {name:20} {value:10.1f} a minute\n" for name, value in a_minute.items()), end="")
    assert {"mysql", "phaselog-collector", "phaselog-status"} <= set(used)
    assert sum(used.values()) <= MOST_MEMORY
    assert a_minute["InnoDB syncs"] <= MOST_SYNCS
