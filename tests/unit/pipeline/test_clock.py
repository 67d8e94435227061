from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from pipeline_play import START, FakeTicker

from collector.config.settings import ClockSettings
from collector.pipeline.clock import SiteClock
from collector.pipeline.trusted_time import BUILD_DATE, Machine, TimeSource, set_time, told

DAY_NS = 86_400_000_000_000
NS = 1_000_000
#: The truth of these tests: UTC = CLOCK_BOOTTIME + SHIFT.
SHIFT = START * NS


class Wanted:
    """A village: what its NTP, RTC and system clock say is set by the test, as shifts."""

    def __init__(self, folder: Path, ticker: FakeTicker, boot: str = "boot-1") -> None:
        self.folder, self.ticker, self.boot = folder, ticker, boot
        self.ntp: int | None = None
        self.rtc: int | None = None
        self.system = 0

    def clock(self, *, trust_system: bool = False, wait: float = 600.0) -> SiteClock:
        sources: dict[str, TimeSource] = {
            "ntp": lambda: self.ntp,
            "set": told(self.folder, self.boot),
            "rtc": lambda: self.rtc,
        }
        if trust_system:
            sources = {"system": lambda: self.system}
        machine = Machine(self.boot, sources, lambda: self.ticker.now_ns + self.system)
        return SiteClock(ClockSettings(wait=wait), self.folder, self.ticker, machine)

    def person_sets(self, utc_ms: int) -> None:
        set_time(self.folder, utc_ms, self.ticker.boot_ns, self.boot)


@pytest.fixture
def village(tmp_path: Path, ticker: FakeTicker) -> Wanted:
    return Wanted(tmp_path, ticker)


def now(clock: SiteClock, ticker: FakeTicker) -> tuple[int, str | None]:
    return clock.stamp(ticker.now_ns)


def test_before_the_time_is_known_stamps_are_of_the_boot(village: Wanted, ticker: FakeTicker) -> None:
    clock = village.clock()
    assert clock.poll() == []
    assert not clock.trusted
    assert now(clock, ticker) == (50_000, "boot-1")
    assert clock.status().source is None


def test_ntp_makes_the_time_known_with_an_event(village: Wanted, ticker: FakeTicker) -> None:
    clock = village.clock()
    clock.poll()
    village.ntp = SHIFT
    events = clock.poll()
    assert [event.kind for event in events] == ["clock_trusted"]
    assert events[0].time == START + 50_000
    assert now(clock, ticker) == (START + 50_000, None)
    assert clock.shift_ms == START
    assert clock.status().source == "ntp"


@pytest.mark.parametrize("step", [DAY_NS, -DAY_NS, -60 * 365 * DAY_NS])
def test_a_bare_step_of_the_system_clock_changes_nothing(village: Wanted, ticker: FakeTicker, step: int) -> None:
    village.rtc = village.system = SHIFT
    clock = village.clock()
    clock.poll()
    village.system += step
    village.rtc += step
    ticker.sleep(10)
    assert clock.poll() == []
    assert now(clock, ticker) == (START + 60_000, None)
    assert clock.status().offset_ms == pytest.approx(-step / NS)


def test_an_rtc_that_is_a_day_wrong_is_corrected_by_ntp_with_an_event(village: Wanted, ticker: FakeTicker) -> None:
    village.rtc = SHIFT - DAY_NS
    clock = village.clock()
    clock.poll()
    assert now(clock, ticker)[0] == START + 50_000 - 86_400_000
    village.ntp = SHIFT
    events = clock.poll()
    assert [event.kind for event in events] == ["clock_moved"]
    assert "forward by 86400.0 s" in events[0].message
    assert now(clock, ticker) == (START + 50_000, None)
    village.ntp = None
    assert clock.poll() == [], "the RTC is not heard again"


def test_a_small_correction_is_slewed(village: Wanted, ticker: FakeTicker) -> None:
    village.ntp = SHIFT
    clock = village.clock()
    clock.poll()
    village.ntp = SHIFT - 300 * NS
    assert clock.poll() == []
    assert now(clock, ticker)[0] == START + 50_000, "nothing jumps"
    ticker.sleep(100)
    assert now(clock, ticker)[0] == START + 150_000 - 50
    ticker.sleep(900)
    assert now(clock, ticker)[0] == START + 1_050_000 - 300, "it has arrived and stays"
    assert clock.shift_ms == START, "replayed readings get the same stamps as before"


def test_a_machine_that_slept_keeps_its_time(village: Wanted, ticker: FakeTicker) -> None:
    village.ntp = SHIFT
    clock = village.clock()
    clock.poll()
    village.ntp = None
    ticker.sleep(86_400)
    assert now(clock, ticker) == (START + 86_450_000, None)


def test_a_village_that_never_learns_the_time_goes_on_after_what_is_stored(village: Wanted, ticker: FakeTicker) -> None:
    clock = village.clock(wait=600.0)
    assert not clock.wait_is_over
    ticker.sleep(600)
    clock.poll()
    assert clock.wait_is_over
    boot_ms, boot = now(clock, ticker)
    assert boot == "boot-1"
    assert boot_ms + clock.estimate(START) > START
    assert clock.estimate(START) == START + 1, "even the boot's first moment comes after what is stored"
    assert clock.estimate(None) == BUILD_DATE
    assert clock.estimate(7) == BUILD_DATE, "never 1970"


def test_a_person_may_set_the_clock(village: Wanted, ticker: FakeTicker) -> None:
    clock = village.clock()
    clock.poll()
    village.person_sets(START + 50_000)
    assert [event.kind for event in clock.poll()] == ["clock_trusted"]
    assert now(clock, ticker) == (START + 50_000, None)
    village.person_sets(START + 3_650_000)
    assert [event.kind for event in clock.poll()] == ["clock_moved"]
    assert clock.status().source == "set"


def test_what_a_person_said_once_does_not_overrule_ntp_later(village: Wanted, ticker: FakeTicker) -> None:
    village.person_sets(START + 3_650_000)
    clock = village.clock()
    clock.poll()
    village.ntp = SHIFT
    clock.poll()
    village.ntp = None
    assert clock.poll() == []
    again = village.clock()
    assert again.poll() == []
    assert now(again, ticker) == (START + 50_000, None)


def test_what_a_person_set_is_worth_nothing_in_the_next_boot(village: Wanted, ticker: FakeTicker) -> None:
    village.person_sets(START)
    village.boot = "boot-2"
    clock = village.clock()
    clock.poll()
    assert not clock.trusted


def test_a_restart_of_the_collector_does_not_forget_the_time(village: Wanted, ticker: FakeTicker) -> None:
    village.ntp = SHIFT
    village.clock().poll()
    village.ntp, village.system = None, 0
    village.rtc = SHIFT + DAY_NS
    ticker.sleep(5)
    clock = village.clock()
    assert clock.trusted
    assert clock.poll() == []
    assert now(clock, ticker) == (START + 55_000, None)


def test_the_time_of_an_earlier_boot_is_remembered_for_its_waiting_readings(village: Wanted) -> None:
    village.ntp = SHIFT
    village.clock().poll()
    village.boot, village.ntp = "boot-2", None
    clock = village.clock()
    assert clock.shift_of("boot-1") == START
    assert clock.shift_of("boot-2") is None
    assert not clock.trusted


@pytest.mark.parametrize("content", ["", "{", "[]", '{"boot-1": 5}', '{"boot-1": [1, "moon", null]}', "\x00\xff"])
def test_a_broken_file_is_like_none(village: Wanted, content: str) -> None:
    for name in ("clock.json", "clock-set.json"):
        (village.folder / name).write_text(content)
    clock = village.clock()
    clock.poll()
    assert not clock.trusted


def test_a_state_folder_that_cannot_be_written_does_not_stop_the_clock(tmp_path: Path, ticker: FakeTicker) -> None:
    (tmp_path / "state").write_text("a file where a folder should be")
    village = Wanted(tmp_path / "state", ticker)
    village.ntp = SHIFT
    clock = village.clock()
    clock.poll()
    assert now(clock, ticker) == (START + 50_000, None)


def test_asking_for_the_time_makes_no_folders(tmp_path: Path, ticker: FakeTicker) -> None:
    village = Wanted(tmp_path / "state", ticker)
    village.ntp = SHIFT
    village.clock().poll()
    assert not (tmp_path / "state").exists()


def test_a_trusted_system_clock_is_followed(village: Wanted, ticker: FakeTicker) -> None:
    village.system = SHIFT
    clock = village.clock(trust_system=True)
    clock.poll()
    assert clock.status().source == "system"
    village.system += 3_600_000 * NS
    assert [event.kind for event in clock.poll()] == ["clock_moved"]
    assert now(clock, ticker) == (START + 3_650_000, None)


class AnyWeather(RuleBasedStateMachine):
    """The stamps of one meter only grow, whatever happens to the system clock and however NTP wavers."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.ticker = FakeTicker()
        self.village = Wanted(self.folder, self.ticker)
        self.village.rtc = SHIFT
        self.clock = self.village.clock()
        self.clock.poll()
        self.last = 0

    @rule(seconds=st.floats(0.02, 5000))
    def a_reading(self, seconds: float) -> None:
        self.ticker.sleep(seconds)
        stamp, boot = self.clock.stamp(self.ticker.now_ns)
        assert boot is None
        assert stamp > self.last
        self.last = stamp

    @rule(step=st.integers(-(10**18), 10**18))
    def somebody_steps_the_system_clock(self, step: int) -> None:
        self.village.system += step
        self.village.rtc = self.village.system
        assert self.clock.poll() == []

    @rule(wavers=st.integers(-200, 200))
    def ntp_wavers(self, wavers: int) -> None:
        self.village.ntp = SHIFT + wavers * NS
        assert self.clock.poll() == []

    @rule()
    def ntp_is_gone(self) -> None:
        self.village.ntp = None
        assert self.clock.poll() == []

    def teardown(self) -> None:
        shutil.rmtree(self.folder)


AnyWeather.TestCase.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
TestStampsInAnyWeather = AnyWeather.TestCase
