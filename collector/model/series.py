"""Says how stored values are asked for and handed out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum


class Resolution(Enum):
    """Which table a series is read from."""

    RAW = "raw"
    MINUTE = "1m"
    QUARTER = "15m"
    HOUR = "1h"
    DAY = "1d"

    @property
    def seconds(self) -> int:
        """Nominal length of one bucket in s (0 for raw; a local day may have 23 or 25 h)."""
        return {"raw": 0, "1m": 60, "15m": 900, "1h": 3600, "1d": 86400}[self.value]


@dataclass(frozen=True, slots=True)
class Latest:
    """The last non-NULL value of one quantity of one meter, with its own time (UTC ms)."""

    meter: str
    quantity: str
    time: int
    value: float


@dataclass(frozen=True, slots=True)
class Column:
    """One quantity of a series, parallel to `Series.times`; None is a gap.

    Raw: `value` only. Rolled up: gauges have `value` = mean with `minimum` and `maximum`;
    counters have `value` = last reading of the counter and `increase` within the bucket.
    """

    value: Sequence[float | None]
    minimum: Sequence[float | None] = ()
    maximum: Sequence[float | None] = ()
    increase: Sequence[float | None] = ()


@dataclass(frozen=True, slots=True)
class Series:
    """Stored values of one meter. `times`: UTC ms, ascending, bucket starts.

    `flags` is parallel (`model.reading.Flag`). Rolled up: what any of the bucket's readings had.
    """

    meter: str
    resolution: Resolution
    times: Sequence[int]
    columns: Mapping[str, Column]
    flags: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """What the health page and doctor say about the store."""

    kind: str
    version: str
    readings: int  #: stored rows, an estimate on MariaDB
    first: int | None  #: UTC ms of the oldest reading
    last: int | None
    bytes: int  #: size on disk
    schema: int  #: number of the newest applied migration
    pending: Sequence[str] = ()  #: migrations, columns or partitions that are missing
