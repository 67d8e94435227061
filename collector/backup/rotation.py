"""Decides which backups are kept: the newest of each day, beyond those of each week, beyond those of each month."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from collector.backup.folder import Kept
from collector.config.settings import BackupSettings

_Period = Callable[[datetime], Hashable]
_DAY: _Period = lambda at: at.date()  # noqa: E731
_WEEK: _Period = lambda at: at.isocalendar()[:2]  # noqa: E731
_MONTH: _Period = lambda at: (at.year, at.month)  # noqa: E731


def superfluous(backups: Sequence[Kept], settings: BackupSettings, zone: ZoneInfo) -> Sequence[Kept]:
    """Those of the backups (newest first) that need not be kept; days, weeks and months are the site's."""
    rest = list(backups)
    kept: set[Kept] = set()
    rules = ((_DAY, settings.keep_daily), (_WEEK, settings.keep_weekly), (_MONTH, settings.keep_monthly))
    for period, count in rules:
        served = [list(group) for _, group in groupby(rest, key=_of(period, zone))][:count]
        kept.update(group[0] for group in served)
        rest = rest[sum(map(len, served)) :]
    return [each for each in backups if each not in kept]


def _of(period: _Period, zone: ZoneInfo) -> Callable[[Kept], Hashable]:
    return lambda each: period(datetime.fromtimestamp(each.made / 1000, zone))
