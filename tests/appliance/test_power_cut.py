"""The plug is pulled while it logs: all comes back by itself, and what was committed is there to the last bit."""

from __future__ import annotations

import random
import time

import pytest

from tests.appliance.logger import COMMIT_EVERY, UNITS, Logger

CUTS = 10
#: Readings of one commit, the one under way, and the time to pull the plug (s): as long again on a busy machine.
MOST_LOST = 2 * COMMIT_EVERY


@pytest.mark.parametrize("cut", range(CUTS))
def test_pulling_the_plug_loses_no_committed_reading(logger: Logger, cut: int) -> None:
    machine = logger.machine
    chance = random.Random(20261121 + cut + len(machine.release))
    time.sleep(chance.uniform(0, 2 * COMMIT_EVERY))
    newest = machine.sql("SELECT MAX(time) FROM phaselog.reading")
    before = logger.stored(newest)
    time.sleep(chance.uniform(0, 1))
    cut_at = logger.now()
    machine.power_cut()
    began = time.monotonic()
    machine.start()
    logger.wait_until_well(120)
    seconds = time.monotonic() - began
    assert set(logger.states()) == set(UNITS)
    assert logger.stored(newest) == before
    lost, last, first = _hole(logger, cut_at)
    print(f"{machine.release}, cut {cut}: {lost:.1f} s lost, back after {seconds:.0f} s, hole of {first - last} ms")
    assert lost <= MOST_LOST
    # It is a hole in what the page gets, too, not values that were made up.
    asked = f"/api/series?quantity=voltage_l1_n&resolution=raw&from={last}&to={first + 1}"
    assert logger.ask(asked)["times"] == [last, first]


def _hole(logger: Logger, cut_at: str) -> tuple[float, int, int]:
    """Seconds of readings before the cut that are gone, and the times (UTC ms) of the readings on both sides."""
    edges = f"MAX(IF(time <= '{cut_at}', time, NULL)) AS last, MIN(IF(time > '{cut_at}', time, NULL)) AS first"
    lost, last, first = logger.machine.sql(
        f"SET time_zone = '+00:00'; WITH sides AS (SELECT {edges} FROM phaselog.reading)"
        f" SELECT TIMESTAMPDIFF(MICROSECOND, last, '{cut_at}') / 1e6,"
        " ROUND(UNIX_TIMESTAMP(last) * 1000), ROUND(UNIX_TIMESTAMP(first) * 1000) FROM sides"
    ).split()
    return float(lost), int(last), int(first)
