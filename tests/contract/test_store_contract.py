"""What both stores promise: readings once, none lost, and everything that follows from them right."""

from __future__ import annotations

import threading
import time

import pytest
from stores import START, Box

from collector.errors import SchemaOutdated, StoreDown, StoreError
from collector.model.event import Event
from collector.model.reading import Flag, Reading
from collector.model.series import Resolution
from collector.store.lately import GOOD_FOR
from collector.store.mariadb import MariaDatabase
from collector.store.migrations import migrations
from collector.store.sqlite import SqliteDatabase

VOLTAGE, ENERGY, NET = "voltage_l1_n", "active_energy_import", "active_energy_net"
COLUMNS = {"turbine": [VOLTAGE, ENERGY, NET], "house": [VOLTAGE]}
MINUTE = 60_000
HOUR = 60 * MINUTE


def reading(second: float, voltage: float | None = 230.0, meter: str = "turbine", **more: float | None) -> Reading:
    values = {VOLTAGE: voltage, **({ENERGY: more["energy"]} if "energy" in more else {})}
    return Reading(meter, START + round(second * 1000), values)


def times(box: Box, meter: str = "turbine") -> list[int]:
    return [each.time - START for each in box.reader().rows(meter, [VOLTAGE], 0, START * 2)]


def test_a_reading_comes_back_as_it_was_stored(box: Box) -> None:
    box.migrate(COLUMNS)
    sent = Reading("turbine", START + 123, {VOLTAGE: 230.5, ENERGY: 123456789.25, NET: None}, Flag.PARTIAL)
    assert box.writer().commit([sent]) == 1
    (found,) = box.reader().rows("turbine", [VOLTAGE, ENERGY, NET], START, START + 1000)
    assert found == sent


def test_a_replay_stores_nothing_again(box: Box) -> None:
    box.migrate(COLUMNS)
    readings = [reading(second, 230.1 + second / 7) for second in range(90)]
    writer = box.writer()
    assert writer.commit(readings) == 90
    assert writer.commit(readings[30:]) == 0
    assert writer.commit([*readings, reading(90)], catching_up=True) == 1
    assert len(times(box)) == 91


def test_two_readings_of_one_millisecond_are_both_kept(box: Box) -> None:
    box.migrate(COLUMNS)
    writer = box.writer()
    assert writer.commit([reading(0, 1.0), reading(0, 2.0)]) == 2
    assert writer.commit([reading(0, 3.0)]) == 1
    assert writer.commit([reading(0, 2.0), reading(0, 1.0), reading(0, 3.0)]) == 0
    assert times(box) == [0, 1, 2]


def test_a_value_that_is_missing_stays_missing(box: Box) -> None:
    box.migrate(COLUMNS)
    box.writer().commit([reading(0, None), reading(1, float("nan")), reading(2, 0.0)])
    values = [each.values[VOLTAGE] for each in box.reader().rows("turbine", [VOLTAGE], START, START + HOUR)]
    assert values == [None, None, 0.0]
    minute = box.reader().series("turbine", [VOLTAGE, ENERGY], START, START + HOUR, Resolution.MINUTE)
    assert minute.columns[VOLTAGE].value == (0.0,)
    assert minute.columns[ENERGY].value == (None,)
    assert minute.columns[ENERGY].increase == (None,)


def test_latest_is_the_last_value_of_each_quantity_with_its_own_time(box: Box) -> None:
    box.migrate(COLUMNS)
    writer = box.writer()
    writer.commit([reading(0, 1.0, energy=10.0), reading(1, 2.0, energy=None), reading(2, None)])
    writer.commit([reading(0.5, 99.0, energy=9.0)])
    found = {each.quantity: (each.time - START, each.value) for each in box.reader().latest()}
    assert found == {VOLTAGE: (1000, 2.0), ENERGY: (500, 9.0)}
    assert writer.counters() == {("turbine", ENERGY): (START + 500, 9.0)}
    assert writer.last_time() == START + 2000


def test_a_meter_that_was_renamed_before_it_was_stored_holds_nothing_up(box: Box) -> None:
    box.migrate({"turbine": [VOLTAGE]})
    writer = box.writer()
    assert writer.commit([reading(0, meter="renamed"), reading(0)]) == 2
    assert writer.commit([reading(0, meter="renamed"), reading(1, meter="renamed")]) == 1
    assert {each.meter for each in box.reader().latest()} == {"turbine", "renamed"}


def test_an_unknown_quantity_says_that_the_schema_is_outdated(box: Box) -> None:
    box.migrate({"turbine": [VOLTAGE]})
    writer = box.writer()
    with pytest.raises(SchemaOutdated, match=ENERGY) as raised:
        writer.commit([reading(0, meter="house"), reading(0, energy=1.0)])
    assert "phaselog db migrate" in raised.value.hint
    assert times(box) == []
    box.migrate(COLUMNS)
    assert writer.commit([reading(0, meter="house"), reading(0, energy=1.0)]) == 2


def test_nothing_of_a_batch_is_stored_when_one_part_fails(box: Box) -> None:
    box.migrate({"turbine": [VOLTAGE]})
    with pytest.raises(SchemaOutdated):
        box.writer().commit([reading(0), reading(1, energy=1.0)])
    assert times(box) == []


def test_migrate_says_what_it_did_and_does_it_once(box: Box) -> None:
    assert box.maintainer().pending(COLUMNS, START)
    done = box.migrate(COLUMNS)
    assert any("0001" in line for line in done)
    assert "meter turbine" in done
    assert list(box.maintainer().pending(COLUMNS, START)) == []
    assert box.migrate(COLUMNS) == []


def test_a_store_without_tables_is_a_clear_error(box: Box) -> None:
    with pytest.raises(StoreError) as raised:
        box.reader().latest()
    assert "phaselog db migrate" in raised.value.hint
    with pytest.raises(StoreError) as raised:
        box.writer().commit([reading(0)])
    assert "phaselog db migrate" in raised.value.hint


def test_status_tells_what_is_there(box: Box) -> None:
    box.migrate(COLUMNS)
    assert box.reader().status().readings == 0
    box.writer().commit([reading(0), reading(5, meter="house")])
    found = box.reader().status()
    newest = migrations(box.settings.kind)[-1].number
    assert (found.kind, found.first, found.last, found.schema) == (box.settings.kind, START, START + 5000, newest)
    assert found.bytes > 0
    assert found.version


def test_an_event_is_stored_once(box: Box) -> None:
    box.migrate(COLUMNS)
    writer = box.writer()
    events = [Event(START + n, "counter_reset", "fell", "turbine" if n else None) for n in range(3)]
    for event in [*events, *events]:
        writer.add_event(event)
    reader = box.reader()
    assert list(reader.events()) == events[::-1]
    assert list(reader.events(limit=1, before=START + 2)) == [events[1]]


def test_rows_come_in_order_and_in_pieces(box: Box) -> None:
    box.migrate(COLUMNS)
    box.writer().commit([reading(second) for second in range(4500)], catching_up=True)
    assert times(box) == [second * 1000 for second in range(4500)]


def test_a_reader_sees_what_is_written_meanwhile_from_any_thread(box: Box) -> None:
    box.migrate(COLUMNS)
    writer, reader = box.writer(), box.reader()
    seen: list[int] = []

    def look() -> None:
        for _ in range(20):
            seen.append(len(list(reader.rows("turbine", [VOLTAGE], START, START + HOUR))))

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for second in range(20):
        writer.commit([reading(second)])
    for thread in threads:
        thread.join()
    assert len(seen) == 60
    assert len(list(reader.rows("turbine", [VOLTAGE], START, START + HOUR))) == 20


def test_a_reader_cannot_write(box: Box) -> None:
    box.migrate(COLUMNS)
    reader = box.reader()
    with pytest.raises(StoreError):
        reader._database().execute("DELETE FROM meter")  # type: ignore[attr-defined]


@pytest.mark.slow
def test_hours_follow_when_they_are_over_and_days_are_local(box: Box) -> None:
    box.at("America/Cuiaba").migrate(COLUMNS)
    writer = box.writer()
    writer.commit([reading(60 * n, energy=1000.0 + n) for n in range(60 * 30)], catching_up=True)
    while writer.roll_up(100):
        pass
    reader = box.reader()
    hours = reader.series("turbine", [ENERGY], START, START + 48 * HOUR, Resolution.HOUR)
    assert len(hours.times) == 29  # the thirtieth is not over by the last reading
    assert hours.columns[ENERGY].increase[1:] == (60.0,) * 28
    days = reader.series("turbine", [ENERGY], START - 24 * HOUR, START + 48 * HOUR, Resolution.DAY)
    assert list(days.times) == [START - 20 * HOUR, START + 4 * HOUR]
    assert days.columns[ENERGY].increase == (239.0, 1440.0)
    box.now = START + 60 * HOUR
    assert writer.roll_up() == 0
    days = reader.series("turbine", [ENERGY], START - 24 * HOUR, START + 48 * HOUR, Resolution.DAY)
    assert days.columns[ENERGY].increase == (239.0, 1440.0, 120.0)


def test_old_readings_go_and_what_was_computed_of_them_stays(box: Box) -> None:
    box.migrate(COLUMNS, now=START - 120 * 24 * HOUR)
    writer = box.writer()
    old = START - 100 * 24 * HOUR
    partial = [Flag.PARTIAL] + [Flag(0)] * 119
    writer.commit([Reading("turbine", old + n * 1000, {VOLTAGE: 230.0}, partial[n]) for n in range(120)])
    writer.commit([reading(0)])
    while writer.roll_up():
        pass
    maintainer = box.maintainer()
    later = START + 40 * 24 * HOUR
    assert any("120 readings" in line for line in maintainer.retain(later, 90, 730))
    assert list(maintainer.retain(later, 90, 730)) == []
    assert times(box) == [0]
    reader = box.reader()
    assert len(reader.series("turbine", [VOLTAGE], 0, START, Resolution.MINUTE).times) == 2
    writer.commit([Reading("turbine", old + 500, {VOLTAGE: 110.0}, Flag.TIME_ESTIMATED)])
    while writer.roll_up():
        pass
    minute = reader.series("turbine", [VOLTAGE], 0, START, Resolution.MINUTE)
    assert minute.columns[VOLTAGE].minimum[0] == 110.0, "a late reading is merged"
    assert 228.0 < (minute.columns[VOLTAGE].value[0] or 0) < 230.0, "the bucket is not rebuilt from one reading"
    both = Flag.PARTIAL | Flag.TIME_ESTIMATED
    for resolution in (Resolution.MINUTE, Resolution.QUARTER, Resolution.HOUR, Resolution.DAY):
        assert reader.series("turbine", [VOLTAGE], 0, START, resolution).flags[0] == both, resolution


def test_what_is_not_rolled_up_yet_is_not_removed(box: Box) -> None:
    box.migrate(COLUMNS, now=START - 120 * 24 * HOUR)
    writer = box.writer()
    old = START - 100 * 24 * HOUR
    writer.commit([Reading("turbine", old, {VOLTAGE: 230.0})], catching_up=True)
    maintainer = box.maintainer()
    assert list(maintainer.retain(START + 40 * 24 * HOUR, 90, 730)) == []
    while writer.roll_up():
        pass
    assert maintainer.retain(START + 40 * 24 * HOUR, 90, 730)


def test_a_boot_without_a_clock_is_moved_to_its_true_time(box: Box) -> None:
    box.migrate(COLUMNS)
    writer = box.writer()
    shift = START + 5000
    assert writer.remember_boot("b1", shift) == shift
    assert writer.remember_boot("b1", shift + 7) == shift
    flagged = [
        Reading("turbine", shift + n * 1000, {VOLTAGE: float(n), ENERGY: 100.0 + n}, Flag.TIME_ESTIMATED)
        for n in range(200)
    ]
    writer.commit([reading(0, energy=100.0)])
    writer.commit(flagged)
    truth = START + 30 * MINUTE
    writer.commit([Reading("turbine", truth + 50 * 1000, {VOLTAGE: -1.0, ENERGY: 400.0})])
    left = [writer.correct_boot("b1", truth, limit=60) for _ in range(5)]
    assert left == [140, 80, 20, 0, 0]
    while writer.roll_up():
        pass
    reader = box.reader()
    found = list(reader.rows("turbine", [VOLTAGE], START + 1, START + HOUR))
    assert len(found) == 201
    assert not any(each.flags & Flag.TIME_ESTIMATED for each in found)
    assert found[0].time == truth
    assert [each.time - truth for each in found if each.values[VOLTAGE] == 50.0] == [50_001], "the taken one is kept"
    minutes = reader.series("turbine", [VOLTAGE], START, START + HOUR, Resolution.MINUTE)
    assert [time - START for time in minutes.times] == [0, *(30 * MINUTE + n * MINUTE for n in range(4))]
    newest = {each.quantity: each.time for each in reader.latest()}
    assert newest[VOLTAGE] == truth + 199 * 1000


def test_no_file_or_server_is_said_clearly(box: Box) -> None:
    if box.settings.kind == "sqlite":
        with pytest.raises(StoreDown, match="does not exist") as raised:
            box.reader()
    else:
        from dataclasses import replace

        box.settings = replace(box.settings, socket="/nowhere/mysqld.sock")
        with pytest.raises(StoreDown, match=r"/nowhere/mysqld\.sock: nobody answers") as raised:
            box.reader()
    assert raised.value.hint


@pytest.mark.slow
def test_many_readings_are_estimated_and_few_are_counted(box: Box) -> None:
    """A count of all would read a whole card of a Pi; people want to know how many there are about."""
    box.migrate(COLUMNS)
    writer = box.writer()
    writer.commit([reading(10 * number) for number in range(40_000)], catching_up=True)
    writer.commit([reading(900 * number, meter="house") for number in range(300)], catching_up=True)
    if box.settings.kind == "mariadb":
        box.server_sql(f"ANALYZE TABLE {box.settings.database}.reading")
    assert box.reader().status().readings == pytest.approx(40_300, rel=0.1)


def test_a_reader_that_is_open_soon_sees_new_columns_and_at_once_new_meters(box: Box) -> None:
    box.migrate({"turbine": [VOLTAGE]})
    reader = box.reader()
    assert not reader.series("house", [VOLTAGE, ENERGY], START, START + 1000, Resolution.RAW).times
    box.migrate(COLUMNS)
    box.writer().commit([reading(0, meter="house"), reading(0, energy=1.0)])
    assert list(reader.series("house", [VOLTAGE], START, START + 1000, Resolution.RAW).times) == [START]
    time.sleep(GOOD_FOR + 0.1)
    assert list(reader.series("turbine", [ENERGY], START, START + 1000, Resolution.RAW).columns) == [ENERGY]


def test_looking_at_many_meters_asks_for_the_names_of_columns_once(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.migrate({f"flat{number}": [VOLTAGE] for number in range(20)})
    asked = []
    for kind in (MariaDatabase, SqliteDatabase):
        real = kind.columns
        monkeypatch.setattr(kind, "columns", lambda self, table, real=real: asked.append(table) or real(self, table))
    reader = box.reader()
    for number in range(20):
        assert list(reader.rows(f"flat{number}", [VOLTAGE], START, START + 1000)) == []
    assert asked == ["reading"]
