"""The schedule keeps absolute slots, is fair when the line is too slow, and leaves silent meters alone."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.pipeline.schedule import LONGEST_BACK_OFF, LineSchedule


def schedule(meters: dict[str, dict[str, float]], origin: float = 100.0) -> LineSchedule:
    return LineSchedule(meters, origin, random.Random(1))


def run(line: LineSchedule, start: float, end: float, cost: float) -> list[tuple[float, str, frozenset[str]]]:
    """Plays a line on which every attempt takes `cost` s."""
    now, log = start, []
    while now < end:
        taken = line.take(now)
        if taken is None:
            now = max(now, line.next_due())
            continue
        log.append((now, *taken))
        now += cost
        line.done(taken[0], now, alive=True)
    return log


def test_blocks_of_one_period_are_one_reading() -> None:
    line = schedule({"m": {"fast": 1.0, "energy": 1.0, "slow": 10.0}})
    first, second = run(line, 100.0, 101.5, 0.1)
    assert first == (100.0, "m", frozenset({"fast", "energy", "slow"}))
    assert second == (101.0, "m", frozenset({"fast", "energy"}))


@pytest.mark.slow
def test_a_day_of_seconds_does_not_drift() -> None:
    line = schedule({"m": {"b": 0.1}})
    log = run(line, 100.0, 100.0 + 3600.0, 0.03)
    assert len(log) == 36000
    assert max(abs(now - (100.0 + k * 0.1)) for k, (now, _, _) in enumerate(log)) < 0.003
    assert line.missed("m") == 0


@given(st.floats(0.05, 3.0), st.integers(2, 6))
def test_a_line_that_is_too_slow_is_slow_for_all_alike(cost: float, count: int) -> None:
    line = schedule({f"m{i}": {"b": 1.0} for i in range(count)})
    log = run(line, 100.0, 100.0 + 60 * cost * count, cost)
    served = Counter(name for _, name, _ in log)
    assert max(served.values()) - min(served.values()) <= 1


def test_missed_slots_are_counted_and_never_made_up() -> None:
    line = schedule({"m": {"b": 1.0}})
    log = run(line, 100.0, 130.0, 2.5)
    assert [now for now, _, _ in log[:3]] == [100.0, 102.5, 105.0]
    assert line.missed("m") == 28 - len(log)  # slots 100 to 127 have passed


def test_one_failure_costs_no_slot() -> None:
    line = schedule({"m": {"b": 1.0}})
    taken = line.take(100.0)
    assert taken
    line.done("m", 100.3, alive=False)
    assert not line.probing("m")
    assert line.next_due() == pytest.approx(101.0)


def test_a_silent_meter_backs_off_to_the_cap_and_its_neighbour_keeps_every_slot() -> None:
    line = schedule({"dead": {"b": 1.0}, "alive": {"b": 1.0}})
    now, tries, served = 100.0, [], 0
    while now < 3700.0:
        taken = line.take(now)
        if taken is None:
            now = max(now, line.next_due())
            continue
        if taken[0] == "dead":
            tries.append(now)
            now += 0.3
            line.done("dead", now, alive=False)
        else:
            served += 1
            now += 0.1
            line.done("alive", now, alive=True)
    gaps = [b - a for a, b in itertools.pairwise(tries)]
    assert max(gaps) <= LONGEST_BACK_OFF + 2
    assert gaps[-1] > 200
    assert served == 3600
    assert line.missed("alive") == 0
    assert line.probing("dead")
    assert line.next_try("dead", now) is not None


def test_a_meter_that_comes_back_is_read_in_its_old_slots() -> None:
    line = schedule({"m": {"b": 1.0}})
    now = 100.0
    for _ in range(4):
        now = max(now, line.next_due())
        assert line.take(now)
        line.done("m", now + 0.3, alive=False)
    now = line.next_due()
    assert line.take(now)
    line.done("m", now + 0.1, alive=True)
    assert not line.probing("m")
    assert line.next_due() - now <= 1.0
    assert line.next_due() % 1.0 == pytest.approx(0.0, abs=1e-6)


def test_a_line_without_meters_is_never_due() -> None:
    line = schedule({})
    assert line.next_due() == float("inf")
    assert line.take(1e9) is None
