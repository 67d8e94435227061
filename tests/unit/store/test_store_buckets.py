"""Buckets follow each other without hole or overlap, also where clocks change at midnight."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.store.buckets import DAY, LEVELS, Level, bounds, runs

HOUR = 3_600_000
ZONES = ("UTC", "America/Sao_Paulo", "Europe/Berlin", "Asia/Kathmandu", "America/Havana", "Australia/Lord_Howe")


@given(
    time=st.integers(900_000_000_000, 2_500_000_000_000),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    level=st.sampled_from(LEVELS),
)
def test_buckets_tile_time(time: int, zone: ZoneInfo, level: Level) -> None:
    start, end = bounds(level, time, zone)
    assert start <= time < end
    assert bounds(level, end, zone)[0] == end
    assert bounds(level, start - 1, zone)[1] == start
    assert bounds(level, end - 1, zone) == (start, end)
    assert start % 900_000 == 0 or level.width < 900_000


@pytest.mark.parametrize(
    ("zone", "time", "hours"),
    [
        ("America/Sao_Paulo", 1541340000000, 23),  # 2018-11-04: there is no midnight
        ("America/Sao_Paulo", 1518900000000, 25),  # 2018-02-17: 23:00 to 24:00 twice
        ("Europe/Berlin", 1774785600000, 23),  # 2026-03-29
        ("Europe/Berlin", 1792929600000, 25),  # 2026-10-25
        ("America/Cuiaba", 1792929600000, 24),
    ],
)
def test_a_local_day_has_the_hours_that_its_clocks_give_it(zone: str, time: int, hours: int) -> None:
    start, end = bounds(DAY, time, ZoneInfo(zone))
    assert (end - start) / HOUR == hours


def test_neighbouring_minutes_become_one_span() -> None:
    assert list(runs([0, 60, 120, 300, 360], 60, 2)) == [(0, 120), (120, 180), (300, 420)]
    assert list(runs([], 60, 2)) == []
