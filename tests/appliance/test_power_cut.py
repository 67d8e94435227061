"""The plug is pulled while it logs: all comes back by itself, and what was committed is there to the last bit."""

from __future__ import annotations

import random
import time

import pytest
from conftest import COMMIT_EVERY, Logger

CUTS = 10
OURS = ("mariadb.service", "phaselog-collector.service", "phaselog-status.socket", "phaselog-status.service")


def committed(logger: Logger, until: str) -> tuple[str, str]:
    """How many readings there are up to this time, and a checksum of what they say."""
    columns = logger.machine.sql(
        "SELECT GROUP_CONCAT(column_name ORDER BY ordinal_position) FROM information_schema.columns"
        " WHERE table_schema = 'phaselog' AND table_name = 'reading'"
    )
    found = logger.machine.sql(
        f"SELECT COUNT(*), SUM(CRC32(CONCAT_WS(',', {columns}))) FROM phaselog.reading WHERE time <= '{until}'"
    )
    count, checksum = found.split()
    return count, checksum


@pytest.mark.parametrize("cut", range(CUTS))
def test_pulling_the_plug_loses_no_committed_reading(logger: Logger, cut: int) -> None:
    chance = random.Random(20261121 + cut + logger.machine.number)
    machine = logger.machine
    machine.wait_until(logger.logs, 90, "it logs")
    time.sleep(chance.uniform(0, 2 * COMMIT_EVERY))
    newest = machine.sql("SELECT MAX(time) FROM phaselog.reading")
    before = committed(logger, newest)
    time.sleep(chance.uniform(0, 1))
    last_seen = machine.sql("SELECT UTC_TIMESTAMP(3)")
    machine.power_cut()
    machine.start()
    machine.wait_until(logger.logs, 120, "it logs again")
    assert committed(logger, newest) == before
    assert machine.run(f"systemctl is-active {' '.join(OURS)}").stdout.split() == ["active"] * len(OURS)
    # What was read after the last commit is missing, no more; and it is a hole in time, not values that were made up.
    last = f"MAX(IF(time <= '{last_seen}', time, NULL))"
    first = f"MIN(IF(time > '{last_seen}', time, NULL))"
    lost, gap = machine.sql(
        f"SELECT TIMESTAMPDIFF(MICROSECOND, {last}, '{last_seen}') / 1e6,"
        f" TIMESTAMPDIFF(MICROSECOND, {last}, {first}) / 1e6 FROM phaselog.reading"
    ).split()
    print(f"{machine.release}, cut {cut}: {float(lost):.1f} s of readings lost, gap of {float(gap):.1f} s")
    assert float(lost) <= COMMIT_EVERY + 2  # the readings of one commit, and the commit that was under way
    assert logger.live()["meters"]
