"""The end of the service comes in time, whatever the store does; what it has not taken is on disk then."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from service_play import START, PlayStore, PlayTicker

from collector.config.settings import ClockSettings, SpoolSettings
from collector.model.reading import Flag, Reading
from collector.pipeline.clock import SiteClock
from collector.pipeline.spool import Spool
from collector.pipeline.trusted_time import Machine
from collector.service import writer as writing
from collector.service.boottime import BootTimes
from collector.service.writer import Writer


class HangingStore(PlayStore):
    """Takes a commit and does not return before the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.go_on = threading.Event()

    def commit(self, readings: Sequence[Reading], *, catching_up: bool = False) -> int:
        self.asked.set()
        self.go_on.wait(30)
        return super().commit(readings, catching_up=catching_up)


def place(folder: Path, store: PlayStore) -> tuple[Spool, Writer, SiteClock]:
    ticker = PlayTicker()
    (folder / "state").mkdir(exist_ok=True)
    machine = Machine("boot-1", {"ntp": lambda: START * 1_000_000}, lambda: 0)
    clock = SiteClock(ClockSettings(), folder / "state", ticker, machine)
    clock.poll()
    spool = Spool(folder / "run", folder / "state", SpoolSettings(min_free_bytes=0))
    return spool, Writer(spool, store.open, clock, ticker, 60.0), clock


def append(spool: Spool, count: int, first: int = 0) -> None:
    for k in range(first, first + count):
        spool.append(Reading("m", START + 1000 * k, {"frequency": 60.0}))


@pytest.mark.parametrize("running", [True, False])
def test_a_store_that_hangs_does_not_keep_readings_from_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, running: bool
) -> None:
    monkeypatch.setattr(writing, "LAST_TURN", 0.2)
    store = HangingStore()
    spool, writer, _ = place(tmp_path, store)
    append(spool, 5)
    if running:
        writer.start()
        assert store.asked.wait(10)
        append(spool, 5, first=5)
        writer.stop()
    writer.finish()
    assert spool.status().on_disk == (10 if running else 5)
    store.go_on.set()


def test_the_end_does_not_wait_for_a_backlog_of_days(tmp_path: Path) -> None:
    store = PlayStore()
    spool, writer, _ = place(tmp_path, store)
    append(spool, 12_000)
    writer.stop()
    writer._ticker.now += writing.LAST_TURN  # type: ignore[attr-defined]
    writer.finish()
    assert store.commits == 0
    assert spool.status().on_disk == 12_000


def test_rows_of_an_earlier_boot_are_moved_when_the_power_failed_before_that_was_done(tmp_path: Path) -> None:
    """The shift of boot-1 became known and was written down; the rows were still to be moved."""
    store = PlayStore()
    spool, writer, _ = place(tmp_path, store)
    writer.finish()
    spool.close()
    store.shifts["boot-1"] = 0
    store.rows["m", 7] = Reading("m", 7, {"frequency": 60.0}, Flag.TIME_ESTIMATED)
    ticker = PlayTicker()
    clock = SiteClock(ClockSettings(), tmp_path / "state", ticker, Machine("boot-2", {}, lambda: 0))
    BootTimes(clock, ticker).correct(store, lambda: True, lambda event: None)
    assert list(store.rows) == [("m", START + 7)]


def test_moving_rows_stops_when_the_service_ends(tmp_path: Path) -> None:
    class Endless(PlayStore):
        def correct_boot(self, boot: str, shift_ms: int, limit: int = 5000) -> int:
            return 1

    _, _, clock = place(tmp_path, Endless())
    BootTimes(clock, PlayTicker()).correct(Endless(), lambda: False, lambda event: None)
