"""What a reading itself says that its counters counted goes into every rollup, and only for the counters it names."""

from __future__ import annotations

import pytest
from stores import START, Box

from collector.errors import SchemaOutdated
from collector.model.reading import NO_FLAGS, Flag, Reading
from collector.model.series import Resolution

TOTAL, T1, T2 = "active_energy_import", "active_energy_import_t1", "active_energy_import_t2"
NET = "active_energy_net"
DAY = 86_400_000


def reading(second: float, values: dict[str, float | None], flags: Flag = NO_FLAGS, **counted: float) -> Reading:
    return Reading("m", START + round(second * 1000), values, flags, counted=counted)


def counted(box: Box, resolution: Resolution = Resolution.DAY) -> dict[str, float]:
    box.now = 3_999_999_999_000
    writer = box.writer()
    while writer.roll_up():
        pass
    found = box.reader().series("m", [TOTAL, T1, T2, NET], START - DAY, START + 2 * DAY, resolution)
    return {name: sum(i for i in column.increase if i is not None) for name, column in found.columns.items()}


@pytest.fixture
def filled(box: Box) -> Box:
    box.migrate({"m": [TOTAL, T1, T2, NET]})
    return box


@pytest.mark.parametrize("resolution", [Resolution.MINUTE, Resolution.QUARTER, Resolution.HOUR, Resolution.DAY])
def test_a_swap_of_one_counter_costs_the_others_nothing(filled: Box, resolution: Resolution) -> None:
    filled.writer().commit(
        [
            reading(0, {TOTAL: 1000.0, T1: 400.0, T2: 600.0, NET: 50.0}),
            reading(60, {TOTAL: 1010.0, T1: 7.0, T2: 600.0, NET: 40.0}, Flag.METER_SWAP, **{T1: 10.0}),
            reading(120, {TOTAL: 1015.0, T1: 12.0, T2: 600.0, NET: 35.0}),
        ]
    )
    assert counted(filled, resolution) == {TOTAL: 15.0, T1: 15.0, T2: 0.0, NET: -15.0}


def test_exchanged_tariffs_count_what_flowed(filled: Box) -> None:
    filled.writer().commit(
        [
            reading(0, {T1: 4000.0, T2: 21000.0}),
            reading(1, {T1: 21003.0, T2: 4000.0}, Flag.TARIFF_EXCHANGE, **{T1: 3.0, T2: 0.0}),
            reading(2, {T1: 21004.0, T2: 4000.0}),
        ]
    )
    found = counted(filled)
    assert (found[T1], found[T2]) == (4.0, 0.0)


def test_a_rollover_that_no_model_knows_counts_what_is_told(filled: Box) -> None:
    filled.writer().commit(
        [
            reading(0, {TOTAL: 999_990.0}),
            reading(1, {TOTAL: 5.0}, Flag.COUNTER_ROLLOVER, **{TOTAL: 15.0}),
            reading(2, {TOTAL: 6.0}),
        ]
    )
    assert counted(filled)[TOTAL] == 16.0


def test_it_holds_after_a_replay_and_out_of_order(filled: Box) -> None:
    readings = [
        reading(0, {TOTAL: 100.0, T1: 5.0}),
        reading(1, {TOTAL: 3.0, T1: 6.0}, Flag.METER_SWAP, **{TOTAL: 2.0}),
        reading(2, {TOTAL: 4.0, T1: 7.0}),
    ]
    for piece in (readings[2:], readings[:1], readings, readings[1:2]):
        filled.writer().commit(piece)
    assert counted(filled)[TOTAL] == 3.0
    assert counted(filled)[T1] == 2.0


def test_it_moves_with_readings_whose_time_becomes_known(filled: Box) -> None:
    writer = filled.writer()
    writer.commit([reading(-100, {TOTAL: 100.0, T1: 5.0})])
    estimate = writer.remember_boot("b", START)
    writer.commit(
        [
            Reading(
                "m", estimate + 1000, {TOTAL: 1.0, T1: 6.0}, Flag.METER_SWAP | Flag.TIME_ESTIMATED, None, {TOTAL: 9.0}
            ),
            Reading("m", estimate + 2000, {TOTAL: 2.0, T1: 7.0}, Flag.TIME_ESTIMATED),
        ]
    )
    while writer.correct_boot("b", estimate + 180_000):
        writer.roll_up()
    assert counted(filled)[TOTAL] == 10.0
    assert counted(filled)[T1] == 2.0


def test_a_store_without_the_column_says_how_to_get_it(sqlite_box: Box) -> None:
    import sqlite3

    sqlite_box.migrate({"m": [TOTAL]})
    sqlite_box.close()
    with sqlite3.connect(sqlite_box.settings.path) as link:
        link.execute("ALTER TABLE reading DROP COLUMN counted")
    told = reading(0, {TOTAL: 1.0}, Flag.METER_SWAP, **{TOTAL: 0.0})
    writer = sqlite_box.writer()
    assert writer.commit([reading(5, {TOTAL: 1.0})]) == 1
    with pytest.raises(SchemaOutdated, match="counted"):
        writer.commit([told])
    sqlite_box.migrate({"m": [TOTAL]})
    assert writer.commit([told]) == 1


@pytest.mark.mariadb
def test_people_see_the_right_energy_of_the_day(mariadb_box: Box) -> None:
    mariadb_box.migrate({"m": [TOTAL, T1]})
    mariadb_box.writer().commit(
        [
            reading(0, {TOTAL: 5_000_000.0, T1: 1.0}),
            reading(1, {TOTAL: 3000.0, T1: 2.0}, Flag.METER_SWAP, **{TOTAL: 2500.0}),
        ]
    )
    counted(mariadb_box)
    name = mariadb_box.settings.database
    assert mariadb_box.server_sql(f"SELECT import_kwh FROM {name}.energy_by_day").split() == ["2.5"]


@pytest.mark.mariadb
def test_people_see_the_energy_of_a_meter_that_counts_by_tariff_only(mariadb_box: Box) -> None:
    """Beside a meter that has a total."""
    mariadb_box.migrate({"other": [TOTAL], "m": [T1, T2]})
    mariadb_box.writer().commit([reading(0, {T1: 1000.0, T2: 0.0}), reading(1, {T1: 3000.0, T2: 500.0})])
    counted(mariadb_box)
    name = mariadb_box.settings.database
    assert mariadb_box.server_sql(f"SELECT import_kwh, export_kwh FROM {name}.energy_by_day").split() == ["2.5", "NULL"]


def test_what_was_counted_too_much_is_taken_off_again(filled: Box) -> None:
    """A reading that says it counted less than nothing takes that off the day."""
    filled.writer().commit(
        [
            reading(0, {TOTAL: 1000.0}),
            reading(300, {TOTAL: 1800.0}),
            reading(600, {TOTAL: 1200.0}, **{TOTAL: -600.0}),
            reading(900, {TOTAL: 1300.0}),
        ]
    )
    assert counted(filled)[TOTAL] == 300.0
