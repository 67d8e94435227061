"""Says where an hour lies in the day and in the week, by the clock of the site: a 25-hour day has one of them twice."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from collector.insight.forecast.smoothing import Places
from collector.model.calendar import instant

HOUR = 3_600_000
DAY_HOURS, WEEK_HOURS = 24, 168


def places(times: Sequence[int], zone: ZoneInfo) -> Places:
    """The places of the hours that begin at these moments (UTC ms)."""
    local = [instant(time).astimezone(zone) for time in times]
    return Places(
        [each.hour for each in local],
        [each.weekday() * DAY_HOURS + each.hour for each in local],
    )
