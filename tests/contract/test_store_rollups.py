"""Rollups after any order of commits are what a plain look at all values from first to last gives, at every level."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stores import Box

from collector.model.reading import NO_FLAGS, Flag, Reading
from collector.model.series import Resolution

VOLTAGE, ENERGY, NET = "voltage_l1_n", "active_energy_import", "active_energy_net"
MODULUS = 1000.0


@dataclass
class Expected:
    """One bucket, computed the plain way."""

    flags: Flag
    gauge: list[float]
    last: dict[str, float]
    increase: dict[str, float]


def bucket_of(time: int, resolution: Resolution, zone: ZoneInfo) -> int:
    if resolution is Resolution.DAY:
        local = datetime.fromtimestamp(time / 1000, UTC).astimezone(zone)
        start = datetime(local.year, local.month, local.day, tzinfo=zone)
        return int(start.timestamp()) * 1000
    width = resolution.seconds * 1000
    return time // width * width


def increment(name: str, previous: float, value: float, flags: Flag) -> float:
    if flags & Flag.METER_SWAP:
        return 0.0
    if name == NET or value >= previous:
        return value - previous
    if flags & Flag.COUNTER_ROLLOVER:
        return value + MODULUS - previous
    return value if flags & Flag.COUNTER_RESET else 0.0


def oracle(readings: Iterable[Reading], resolution: Resolution, zone: ZoneInfo) -> dict[int, Expected]:
    buckets: dict[int, Expected] = defaultdict(lambda: Expected(NO_FLAGS, [], {}, {}))
    previous: dict[str, float] = {}
    for reading in sorted(readings, key=lambda each: each.time):
        bucket = buckets[bucket_of(reading.time, resolution, zone)]
        bucket.flags |= reading.flags
        for name, value in reading.values.items():
            if value is None:
                continue
            if name == VOLTAGE:
                bucket.gauge.append(value)
                continue
            step = increment(name, previous[name], value, reading.flags) if name in previous else 0.0
            bucket.increase[name] = bucket.increase.get(name, 0.0) + step
            bucket.last[name] = previous[name] = value
    return dict(buckets)


def assert_rollups(box: Box, readings: Sequence[Reading]) -> None:
    reader = box.reader()
    for resolution in (Resolution.MINUTE, Resolution.QUARTER, Resolution.HOUR, Resolution.DAY):
        expected = oracle(readings, resolution, box.site.zone)
        found = reader.series("m", [VOLTAGE, ENERGY, NET], 0, 4_000_000_000_000, resolution)
        assert list(found.times) == sorted(expected), resolution
        assert list(found.flags) == [int(expected[time].flags) for time in found.times], resolution
        for at, time in enumerate(found.times):
            want = expected[time]
            gauge = found.columns[VOLTAGE]
            mean = sum(want.gauge) / len(want.gauge) if want.gauge else None
            assert near(gauge.value[at], mean), resolution
            assert near(gauge.minimum[at], min(want.gauge, default=None)), resolution
            assert near(gauge.maximum[at], max(want.gauge, default=None)), resolution
            for name in (ENERGY, NET):
                assert near(found.columns[name].value[at], want.last.get(name)), (resolution, name)
                assert near(found.columns[name].increase[at], want.increase.get(name)), (resolution, name, time)


def near(found: float | None, wanted: float | None) -> bool:
    if found is None or wanted is None:
        return found is wanted
    return math.isclose(found, wanted, rel_tol=1e-5, abs_tol=1e-4)


def finish(box: Box) -> None:
    box.now = 3_999_999_999_000
    writer = box.writer()
    while writer.roll_up(37):
        pass


#: A day around which clocks change: Sao Paulo loses midnight, gains an hour at midnight; Berlin at night.
DAYS = {
    "America/Sao_Paulo": (datetime(2018, 11, 4, tzinfo=UTC), datetime(2018, 2, 18, tzinfo=UTC)),
    "Europe/Berlin": (datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)),
    "Asia/Kathmandu": (datetime(2026, 1, 1, tzinfo=UTC),),
}
FLAGS = st.sampled_from(
    [Flag(0)] * 8 + [Flag.COUNTER_RESET, Flag.COUNTER_ROLLOVER, Flag.METER_SWAP, Flag.PARTIAL, Flag.TIME_ESTIMATED]
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[str, list[Reading]]:
    zone = draw(st.sampled_from(sorted(DAYS)))
    start = int(draw(st.sampled_from(DAYS[zone])).timestamp() * 1000) - 12 * 3_600_000
    steps = st.sampled_from([1000, 7000, 20_000, 60_000, 240_000, 1_000_000, 9_000_000])
    readings, time = [], start
    for number in range(draw(st.integers(1, 40))):
        time += draw(steps)
        values: Mapping[str, float | None] = {
            VOLTAGE: draw(st.sampled_from([None, 220.0, 231.5, 240.0])),
            ENERGY: draw(st.sampled_from([None, None, 10.0, 500.0, 990.0 + number / 8])),
            NET: draw(st.sampled_from([None, -5.0, 5.0, 700.0])),
        }
        readings.append(Reading("m", time, values, draw(FLAGS)))
    return zone, readings


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[str, list[Reading], list[tuple[list[Reading], bool, bool]]]:
    """A history and how it arrives: in any order, in any pieces, some of them twice."""
    zone, readings = draw(histories())
    shuffled = draw(st.permutations(readings))
    pieces = []
    while shuffled:
        size = draw(st.integers(1, max(1, len(shuffled))))
        pieces.append((list(shuffled[:size]), draw(st.booleans()), draw(st.booleans())))
        shuffled = shuffled[size:]
    if pieces and draw(st.booleans()):
        pieces.append(pieces[0])
    return zone, readings, pieces


def run(box: Box, case: tuple[str, list[Reading], list[tuple[list[Reading], bool, bool]]]) -> None:
    zone, readings, pieces = case
    box.at(zone).moduli[("m", ENERGY)] = MODULUS
    box.migrate({"m": [VOLTAGE, ENERGY, NET]}, now=readings[0].time)
    writer = box.writer()
    stored = 0
    for piece, catching_up, roll in pieces:
        stored += writer.commit(piece, catching_up=catching_up)
        if roll:
            box.now = 3_999_999_999_000
            writer.roll_up(11)
    assert stored == len(readings)
    finish(box)
    assert_rollups(box, readings)


def _empty(box: Box) -> None:
    box.close()
    box.moduli.clear()
    if box.settings.path is not None:
        for path in box.settings.path.parent.glob("readings.sqlite*"):
            path.unlink()


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=deliveries())
def test_rollups_do_not_depend_on_the_order_of_arrival(
    sqlite_box: Box, case: tuple[str, list[Reading], list[tuple[list[Reading], bool, bool]]]
) -> None:
    _empty(sqlite_box)
    run(sqlite_box, case)


@pytest.mark.mariadb
@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=deliveries())
def test_rollups_do_not_depend_on_the_order_of_arrival_in_mariadb(
    mariadb_box: Box, case: tuple[str, list[Reading], list[tuple[list[Reading], bool, bool]]]
) -> None:
    _empty(mariadb_box)
    mariadb_box.server_sql(f"DROP DATABASE IF EXISTS {mariadb_box.settings.database}")
    run(mariadb_box, case)


@st.composite
def collisions(draw: st.DrawFn) -> list[list[Reading]]:
    """Readings, each with a value of its own, many at the same milliseconds, in any pieces and order."""
    count = draw(st.integers(1, 12))
    readings = [
        Reading("m", 1_772_409_600_000 + draw(st.integers(0, 5)), {VOLTAGE: 1.0 + number}) for number in range(count)
    ]
    pieces = draw(st.lists(st.lists(st.sampled_from(readings), min_size=1, max_size=8), max_size=8))
    return [*pieces, readings]


@pytest.mark.slow
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=collisions())
def test_replays_never_double_and_collisions_never_lose(sqlite_box: Box, pieces: list[list[Reading]]) -> None:
    _empty(sqlite_box)
    sqlite_box.migrate({"m": [VOLTAGE]})
    writer = sqlite_box.writer()
    stored = sum(writer.commit(piece) for piece in pieces)
    values = [each.values[VOLTAGE] for each in sqlite_box.reader().rows("m", [VOLTAGE], 0, 4_000_000_000_000)]
    assert sorted(values) == sorted(each.values[VOLTAGE] for each in pieces[-1])  # type: ignore[type-var]
    assert stored == len(values)


def test_rows_that_move_keep_the_rollups_right(box: Box) -> None:
    """Estimated times lie before, on, and after the true ones; counters count through all of it."""
    box.migrate({"m": [VOLTAGE, ENERGY, NET]}, now=1_772_409_600_000)
    start = 1_772_409_600_000
    writer = box.writer()
    true: list[Reading] = []
    count = 0.0

    def made(time: int, flags: Flag = NO_FLAGS) -> Reading:
        nonlocal count
        count += 3.0
        return Reading("m", time, {VOLTAGE: 200.0 + count, ENERGY: count, NET: -count}, flags)

    before = [made(start + n * 1000) for n in range(100)]
    writer.commit(before)
    estimate = writer.remember_boot("b", start + 100_000)
    held = [made(n * 1000) for n in range(400)]
    flagged = [Reading("m", estimate + each.time, each.values, Flag.TIME_ESTIMATED) for each in held]
    writer.commit(flagged[:250])
    writer.commit(flagged[250:], catching_up=True)
    while writer.roll_up():
        pass
    shift = estimate + 180_000
    after = [made(shift + 400_000 + n * 1000) for n in range(100)]
    writer.commit(after)
    while writer.correct_boot("b", shift, limit=70):
        writer.roll_up(3)
    true = [*before, *(Reading("m", shift + each.time, each.values) for each in held), *after]
    finish(box)
    assert_rollups(box, true)
