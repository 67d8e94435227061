"""The writer loses nothing while the store is down or the time unknown, and gives every reading its true time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from service_play import START, PlayStore, PlayTicker

from collector.config.settings import ClockSettings, SpoolSettings
from collector.errors import SchemaOutdated, StoreRefused
from collector.model.event import Event
from collector.model.reading import Flag, Reading
from collector.pipeline.clock import SiteClock
from collector.pipeline.spool import Spool
from collector.pipeline.trusted_time import BUILD_DATE, Machine
from collector.service.writer import Writer


class Site:
    """A writer with a real spool and clock, a played store and time."""

    def __init__(self, folder: Path, known: bool) -> None:
        self.ticker = PlayTicker()
        self.utc: int | None = START * 1_000_000 if known else None
        self.folder = folder
        self.store = PlayStore()
        self.boot = "boot-1"
        self.begin()

    def source(self) -> int | None:
        return None if self.utc is None else self.utc - 1000 * 1_000_000_000

    def begin(self) -> None:
        machine = Machine(self.boot, {"ntp": self.source}, self.ticker.boot_ns)
        self.clock = SiteClock(ClockSettings(wait=600), self.folder / "state", self.ticker, machine)
        self.clock.poll()
        self.spool = Spool(self.folder / "run", self.folder / "state", SpoolSettings(min_free_bytes=0))
        self.writer = Writer(self.spool, self.store.open, self.clock, self.ticker, 60.0)

    def end(self) -> None:
        self.spool.close()

    def read(self, count: int, meter: str = "m") -> None:
        for _ in range(count):
            time, boot = self.clock.stamp(self.ticker.boot_ns())
            self.spool.append(Reading(meter, time, {"frequency": 60.0}, Flag(0), boot))
            self.ticker.now += 1

    @property
    def waiting(self) -> int:
        status = self.spool.status()
        return status.in_hand + status.on_disk


@pytest.fixture
def known(tmp_path: Path) -> Site:
    return Site(tmp_path, known=True)


@pytest.fixture
def unknown(tmp_path: Path) -> Site:
    return Site(tmp_path, known=False)


def test_a_turn_stores_the_batch_in_one_transaction(known: Site) -> None:
    known.read(60)
    assert known.writer.turn()
    assert len(known.store.rows) == 60
    assert known.store.commits == 1
    assert known.waiting == 0
    assert known.writer.status.state == "ok"
    assert known.writer.status.committed == 60


def test_while_the_store_is_down_readings_go_to_disk_and_are_stored_in_order(known: Site) -> None:
    known.store.down = True
    for _ in range(3):
        known.read(20)
        assert not known.writer.turn()
    assert known.spool.status().on_disk >= 20  # saved once per commit_every, not at each attempt
    assert known.waiting == 60
    assert known.writer.status.state == "down"
    assert known.writer.status.hint == "start it"
    known.store.down = False
    known.read(5)
    assert known.writer.turn()
    assert known.store.order == [("m", START + 1000 * k) for k in range(65)]
    assert known.waiting == 0


def test_events_wait_for_the_store_too(known: Site) -> None:
    known.store.down = True
    known.writer.add_event(Event(START, "counter_reset", "…", "m"))
    known.writer.turn()
    known.store.down = False
    known.writer.turn()
    assert [event.kind for event in known.store.events] == ["counter_reset"]


def test_an_orderly_end_stores_everything_or_leaves_it_on_disk(known: Site) -> None:
    known.read(7)
    known.writer.finish()
    assert len(known.store.rows) == 7
    known.store.down = True
    known.read(7)
    known.writer.finish()
    assert known.spool.status().on_disk == 7
    known.end()
    known.store.down = False
    known.begin()
    known.writer.turn()
    assert len(known.store.rows) == 14


def test_without_a_clock_readings_wait(unknown: Site) -> None:
    unknown.read(100)
    assert unknown.writer.turn()
    assert unknown.store.rows == {}
    assert unknown.spool.status().on_disk == 100


def test_when_the_time_becomes_known_waiting_readings_get_their_true_time(unknown: Site) -> None:
    unknown.read(100)
    unknown.writer.turn()
    unknown.utc = START * 1_000_000
    unknown.clock.poll()
    unknown.read(10)
    unknown.writer.turn()
    assert unknown.store.order == [("m", START + 1000 * k) for k in range(110)]
    assert all(not reading.flags for reading in unknown.store.rows.values())


def test_a_village_that_never_learns_the_time_has_its_readings_in_order_and_marked(unknown: Site) -> None:
    unknown.read(650)
    unknown.writer.turn()
    unknown.read(60)
    unknown.writer.turn()
    times = [time for _, time in unknown.store.order]
    assert len(times) == 710
    assert times == sorted(times)
    assert times[0] >= BUILD_DATE
    assert times[-1] - times[0] == 709_000
    assert all(reading.flags & Flag.TIME_ESTIMATED for reading in unknown.store.rows.values())


def test_the_next_boot_without_a_clock_goes_on_after_the_last(unknown: Site) -> None:
    unknown.read(650)
    unknown.writer.finish()
    unknown.end()
    last = unknown.store.last_time()
    assert last is not None
    unknown.boot, unknown.ticker.now = "boot-2", 5.0
    unknown.begin()
    unknown.read(650)
    unknown.writer.turn()
    assert len(unknown.store.rows) == 1300
    assert [time for _, time in unknown.store.order] == sorted(time for _, time in unknown.store.order)
    assert unknown.store.order[650][1] > last


def test_two_boots_without_a_clock_in_one_batch_do_not_overlap(unknown: Site) -> None:
    unknown.store.down = True
    unknown.read(300)
    unknown.writer.finish()
    unknown.end()
    unknown.boot, unknown.ticker.now = "boot-2", 5.0
    unknown.begin()
    unknown.read(650)
    unknown.store.down = False
    unknown.writer.turn()
    times = [time for _, time in unknown.store.order]
    assert len(times) == 950
    assert times == sorted(times)


def test_rows_with_estimated_time_are_moved_when_the_truth_is_known(unknown: Site) -> None:
    unknown.read(650)
    unknown.writer.turn()
    unknown.read(10)
    unknown.utc = START * 1_000_000
    unknown.clock.poll()
    unknown.read(10)
    unknown.writer.turn()
    unknown.read(10)
    unknown.writer.turn()
    assert sorted(unknown.store.rows) == [("m", START + 1000 * k) for k in range(680)]
    assert all(not reading.flags for reading in unknown.store.rows.values())
    assert "clock_moved" in [event.kind for event in unknown.store.events]


def test_a_crash_just_before_the_time_becomes_known_doubles_nothing(unknown: Site) -> None:
    """Stored under an estimated time, not forgotten by the spool, and at the next start the truth is known at once."""
    unknown.read(650)
    unknown.spool.done = lambda batch: None  # type: ignore[method-assign,assignment]
    unknown.writer.turn()
    unknown.end()
    unknown.utc = START * 1_000_000
    unknown.begin()
    unknown.writer.turn()
    assert sorted(unknown.store.rows) == [("m", START + 1000 * k) for k in range(650)]


def test_a_crash_before_the_batch_was_forgotten_doubles_nothing(unknown: Site) -> None:
    """The store had the rows, the spool did not know: the replay stamps them the same."""
    unknown.read(650)
    forget, unknown.spool.done = unknown.spool.done, lambda batch: None  # type: ignore[method-assign,assignment]
    unknown.writer.turn()
    assert forget
    unknown.end()
    unknown.begin()
    unknown.ticker.now += 700
    unknown.writer.turn()
    assert len(unknown.store.rows) == 650


def test_a_defect_is_said_once_and_readings_are_on_disk(known: Site, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: object, **__: object) -> int:
        raise ZeroDivisionError

    known.store.commit = broken  # type: ignore[method-assign]
    for _ in range(3):
        known.read(20)
        assert not known.writer.turn()
    assert known.spool.status().on_disk >= 20
    assert known.writer.status.state == "refused"
    assert sum("defect" in record.message for record in caplog.records) == 1
    del known.store.commit  # type: ignore[method-assign]
    assert known.writer.turn()
    assert len(known.store.rows) == 60


def test_a_store_that_takes_readings_but_not_their_rollups_is_said_once(
    known: Site, caplog: pytest.LogCaptureFixture
) -> None:
    def full(limit: int = 500) -> int:
        raise StoreRefused("the disk is full")

    known.store.roll_up = full  # type: ignore[method-assign]
    for _ in range(5):
        known.read(20)
        assert not known.writer.turn()
        assert known.writer.status.state == "refused"
    assert [record.message for record in caplog.records].count("store: the disk is full") == 1


def test_the_schema_is_completed_for_what_was_read_under_another_configuration(known: Site) -> None:
    lacking, asked = {"old"}, []

    def commit(readings: Sequence[Reading], *, catching_up: bool = False) -> int:
        if lacking & {reading.meter for reading in readings}:
            raise SchemaOutdated("no meter old")
        return PlayStore.commit(known.store, readings, catching_up=catching_up)

    def complete(readings: Sequence[Reading]) -> bool:
        asked.append(len(readings))
        lacking.clear()
        return True

    known.store.commit = commit  # type: ignore[method-assign]
    known.writer._complete = complete
    known.read(5, meter="old")
    assert known.writer.turn()
    assert asked == [5]
    assert len(known.store.rows) == 5


@pytest.mark.slow
def test_the_first_readings_are_stored_before_a_whole_period_is_over(
    known: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.service.writer.FIRST_COMMIT", 2.0)
    known.writer.start()
    assert known.writer.asked.wait(10)
    known.read(3)  # time goes on by a second for each
    deadline = time.monotonic() + 10
    while not known.store.rows and time.monotonic() < deadline:
        time.sleep(0.05)
    known.writer.stop()
    known.writer.join(10)
    assert len(known.store.rows) == 3
