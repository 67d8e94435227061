"""Decides which stretch of time is looked at, and at which resolution."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from collector.config.settings import StoreSettings
from collector.errors import UsageError
from collector.model.series import Resolution

#: A chart cannot show more: about one point a pixel.
MOST_POINTS = 1500
#: Answers never hold more than this, whatever is asked.
BOUND = 20_000
DAY_MS = 86_400_000
#: 2000-01-01 and 2100-01-01: no reading is older or newer.
EARLIEST, LATEST = 946_684_800_000, 4_102_444_800_000

_MILLISECONDS = re.compile(r"-?[0-9]{1,16}")
#: An unescaped + of a URL arrives as a blank.
_BLANK_FOR_PLUS = re.compile(r"(T.*) (\d\d:?\d\d)$")


@dataclass(frozen=True, slots=True)
class Span:
    """[start, end) in UTC ms."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """ms."""
        return self.end - self.start


def instant(text: str, what: str, zone: ZoneInfo | None = None) -> int:
    """UTC ms of `text`: ISO 8601 with offset (with `zone`, also without: local time), or UTC ms; UsageError else."""
    hint = "write it like 2026-11-20T08:00:00Z or 2026-11-20T08:00:00-04:00, or as UTC milliseconds"
    if _MILLISECONDS.fullmatch(text):
        return _bounded(int(text), what)
    try:
        moment = datetime.fromisoformat(_BLANK_FOR_PLUS.sub(r"\1+\2", text.strip()))
    except ValueError:
        raise UsageError(f"{what}: {text[:40]!r} is not a time", hint) from None
    if moment.tzinfo is None:
        if zone is None:
            raise UsageError(f"{what}: {text[:40]!r} has no offset from UTC", hint)
        moment = moment.replace(tzinfo=zone)
    try:
        return _bounded(int(moment.timestamp() * 1000), what)
    except (OverflowError, ValueError):
        raise UsageError(f"{what}: {text[:40]!r} is out of range", hint) from None


def _bounded(value: int, what: str) -> int:
    if not EARLIEST <= value < LATEST:
        raise UsageError(f"{what}: {value} is not between the years 2000 and 2100", "UTC milliseconds since 1970")
    return value


def between(start: int, end: int) -> Span:
    """The span of two instants; UsageError unless the first is earlier."""
    if end <= start:
        raise UsageError("`from` is not before `to`", "exchange the two")
    return Span(start, end)


def resolution_for(span: Span, every: float, store: StoreSettings, now: int) -> Resolution:
    """The finest resolution that fits in a chart and that retention has left for all of the span."""
    kept = {
        Resolution.RAW: now - store.keep_raw_days * DAY_MS,
        Resolution.MINUTE: now - store.keep_minute_days * DAY_MS,
    }
    for resolution in Resolution:
        step = (resolution.seconds or every) * 1000
        if span.length / step <= MOST_POINTS and span.start >= kept.get(resolution, EARLIEST):
            return resolution
    return Resolution.DAY


def allowed(span: Span, resolution: Resolution, every: float) -> None:
    """UsageError if this would be more than anybody can want in one answer."""
    step = (resolution.seconds or every) * 1000
    if span.length / step > BOUND:
        hint = "leave `resolution` out, ask for a shorter time, or download it with /api/export.csv"
        raise UsageError(f"resolution {resolution.value} gives more than {BOUND} points in this range", hint)


def local_day(moment: int, zone: ZoneInfo) -> datetime:
    """Midnight that begins the site's day in which `moment` (UTC ms) lies."""
    local = datetime.fromtimestamp(moment / 1000, zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def ms(moment: datetime) -> int:
    """UTC ms."""
    return round(moment.timestamp() * 1000)


def stepped(begin: datetime, unit: str, count: int) -> datetime:
    """`begin` moved by whole hours (of elapsed time), or days, months, years (of the site's calendar)."""
    if unit == "hour":
        return (begin.astimezone(UTC) + timedelta(hours=count)).astimezone(begin.tzinfo)
    if unit == "day":
        return begin + timedelta(days=count)
    months = begin.year * 12 + begin.month - 1 + count * (12 if unit == "year" else 1)
    return begin.replace(year=months // 12, month=months % 12 + 1)


def begins(moment: int, unit: str, zone: ZoneInfo) -> datetime:
    """The start of the site's hour, day, month or year in which `moment` (UTC ms) lies."""
    if unit == "hour":
        return datetime.fromtimestamp(moment / 1000, zone).replace(minute=0, second=0, microsecond=0)
    day = local_day(moment, zone)
    return day if unit == "day" else day.replace(day=1) if unit == "month" else day.replace(month=1, day=1)
