"""Cuts table `reading` into months, made ahead of time, so that old ones can be dropped at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from collector.model.calendar import instant
from collector.store.database import Database

#: Months that are made ahead: a logger that nobody maintains for two years still has a partition for each.
AHEAD = 24
LAST = "later"


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition. `below`: UTC ms of its upper limit, None for the last one."""

    name: str
    below: int | None


def month(time: int, ahead: int = 0) -> datetime:
    """Start of the UTC month that holds this moment (UTC ms), or of one some months later."""
    at = instant(time)
    count = at.year * 12 + at.month - 1 + ahead
    return datetime(count // 12, count % 12 + 1, 1, tzinfo=UTC)


def existing(database: Database) -> list[Partition]:
    """The partitions of table `reading`, oldest first."""
    found = database.select(
        "SELECT partition_name, partition_description FROM information_schema.partitions"
        " WHERE table_schema = DATABASE() AND table_name = 'reading' AND partition_name IS NOT NULL"
        " ORDER BY partition_ordinal_position"
    )
    return [Partition(name, _limit(text)) for name, text in found]


def _limit(text: str) -> int | None:
    if text == "MAXVALUE":
        return None
    return int(datetime.fromisoformat(text.strip("'")).replace(tzinfo=UTC).timestamp() * 1000)


def missing(partitions: list[Partition], now: int) -> list[datetime]:
    """Starts of the months, from the one before `now` on, that have no partition of their own yet."""
    limits = [partition.below for partition in partitions if partition.below is not None]
    newest = max(limits, default=0)
    months = [month(now, ahead) for ahead in range(-1, AHEAD + 1)]
    return [start for start in months if month(int(start.timestamp() * 1000), 1).timestamp() * 1000 > newest]


def added(months: list[datetime]) -> str:
    """SQL that makes these partitions out of `later`; rows that lie there move into their month."""
    return f"ALTER TABLE reading REORGANIZE PARTITION {LAST} INTO ({', '.join(_definitions(months))})"


def _definitions(months: list[datetime]) -> Iterator[str]:
    for start in months:
        after = month(int(start.timestamp() * 1000), 1)
        yield f"PARTITION p{start:%Y%m} VALUES LESS THAN ('{after:%Y-%m-%d} 00:00:00.000')"
    yield f"PARTITION {LAST} VALUES LESS THAN (MAXVALUE)"


def droppable(partitions: list[Partition], floor: int) -> list[Partition]:
    """The partitions whose every possible row is older than the floor (UTC ms); never the last one."""
    return [each for each in partitions if each.below is not None and each.below <= floor]
