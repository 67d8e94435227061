"""Old backups go, but never so that a stretch of time is without one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from collector.backup.folder import Kept
from collector.backup.rotation import superfluous
from collector.config.settings import BackupSettings

ZONE = ZoneInfo("America/Cuiaba")


def night(at: datetime) -> Kept:
    return Kept(Path(f"{at:%Y%m%d%H}"), round(at.timestamp() * 1000), 1)


def lived_through(nights: int, settings: BackupSettings) -> list[Kept]:
    """What is left, newest first, after so many nights of one backup and one thinning out each."""
    kept: list[Kept] = []
    for number in range(nights):
        kept.insert(0, night(datetime(2026, 1, 1, 6, 15, tzinfo=UTC) + timedelta(days=number)))
        gone = superfluous(kept, settings, ZONE)
        kept = [each for each in kept if each not in gone]
    return kept


def test_after_two_years_there_are_days_then_weeks_then_months():
    kept = lived_through(730, BackupSettings())
    assert len(kept) == 7 + 5 + 12
    ages = [(kept[0].made - each.made) / 86_400_000 for each in kept]
    assert ages[:7] == [0, 1, 2, 3, 4, 5, 6]
    assert all(later - earlier <= 7 for earlier, later in pairwise(ages[6:12]))
    assert all(later - earlier <= 37 for earlier, later in pairwise(ages[11:]))
    assert ages[-1] > 365


def test_only_days_when_nothing_else_is_wanted():
    assert len(lived_through(100, BackupSettings(keep_daily=3, keep_weekly=0, keep_monthly=0))) == 3


def test_two_of_one_day_leave_the_newer():
    early = night(datetime(2026, 5, 1, 8, tzinfo=UTC))
    late = night(datetime(2026, 5, 1, 20, tzinfo=UTC))
    assert superfluous([late, early], BackupSettings(), ZONE) == [early]


def test_days_are_the_sites():
    """20:00 and 23:30 of one evening in Cuiabá lie on two days of UTC."""
    evening = night(datetime(2026, 5, 2, 0, 0, tzinfo=UTC))
    night_ = night(datetime(2026, 5, 2, 3, 30, tzinfo=UTC))
    assert superfluous([night_, evening], BackupSettings(), ZONE) == [evening]


def test_the_newest_always_stays():
    only = night(datetime(2020, 1, 1, tzinfo=UTC))
    assert superfluous([only], BackupSettings(keep_daily=1, keep_weekly=0, keep_monthly=0), ZONE) == []
