"""Says what a reading is: all values that one meter gave in one tick, its time and its quality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntFlag


class Flag(IntFlag):
    """Quality of a reading; stored in column `flags` (table `flag` in docs/reference/schema.md)."""

    PARTIAL = 1  #: a block that was due failed: its values are missing
    TIME_ESTIMATED = 2  #: stamped before the clock was known; a later job may move it
    IMPLAUSIBLE = 4  #: a value was impossible and is missing
    COUNTER_RESET = 8  #: a counter fell because it was set to zero: it counts from zero again
    COUNTER_ROLLOVER = 16  #: a counter passed its highest value
    METER_SWAP = 32  #: another meter hangs here now: nothing is added between the two readings
    OVERLOAD = 64  #: the meter says voltage or current left its measuring range
    COUNTER_SCALE = 128  #: a counter goes on in another unit or in other steps
    TARIFF_EXCHANGE = 256  #: a tariff's counter goes on where another tariff's stood


#: Nothing to remark.
NO_FLAGS = Flag(0)


@dataclass(frozen=True, slots=True)
class Sample:
    """What a source got from one meter in one tick, before anybody judged it.

    `boot_ns`: CLOCK_BOOTTIME in ns of the first byte of the first block.
    `values`: every quantity that was due; None where the meter said "not available" or the block failed.
    `failed`: the quantities whose block failed. `evidence`: the meter's own words on resets, restarts and
    overload (`energy_reset_count`, `restart_count`, `overload`, `serial`), by name. `trouble`: why a block failed, for
    people. `news`: what the source itself has to tell, kind of event -> sentence. `earlier`: samples that
    count only since this one confirms them.
    """

    meter: str
    boot_ns: int
    values: Mapping[str, float | None]
    failed: frozenset[str] = frozenset()
    evidence: Mapping[str, float | str] = field(default_factory=dict)
    trouble: str = ""
    news: Mapping[str, str] = field(default_factory=dict)
    earlier: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One row of table `reading`.

    `time`: UTC in ms since 1970. When `boot` is set the time of day was not known yet and `time` is CLOCK_BOOTTIME
    in ms of that boot (kernel boot id): such a reading only lives in the spool.
    `values`: quantity name -> value in the quantity's unit; a missing value is None.
    `counted`: what a counter counted since its value before, in its unit, where that is not their difference.
    """

    meter: str
    time: int
    values: Mapping[str, float | None]
    flags: Flag = NO_FLAGS
    boot: str | None = None
    counted: Mapping[str, float] = field(default_factory=dict)
