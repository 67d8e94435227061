from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipeline_play import START, FakeTicker, model_of, toy_meter

from collector.config.settings import ClockSettings, MeterSettings
from collector.model.reading import NO_FLAGS, Flag, Sample
from collector.pipeline.clock import SiteClock
from collector.pipeline.derive import quantities_of
from collector.pipeline.process import MeterPipeline, Processed
from collector.pipeline.trusted_time import BUILD_DATE, Machine

ENERGY = "active_energy_import"
NAMES = ("voltage_l1_n", "frequency", ENERGY)
MODEL = model_of(*NAMES, rollover=1e12)
METER = toy_meter(rated_apparent_power=10e3, nominal_voltage=220.0)
SECOND = 1_000_000_000


class Bench:
    """A pipeline that is fed one sample a second."""

    def __init__(self, clock: SiteClock, meter: MeterSettings = METER) -> None:
        self.pipeline = MeterPipeline(meter, MODEL, clock)
        self.now = 100 * SECOND

    def feed(self, voltage: float | None, frequency: float | None, energy: float | None, **rest: object) -> Processed:
        self.now += SECOND
        values = dict(zip(NAMES, (voltage, frequency, energy), strict=True))
        return self.pipeline.process(Sample("turbine", self.now, values, **rest))  # type: ignore[arg-type]


@pytest.fixture
def bench(known_clock: SiteClock) -> Bench:
    return Bench(known_clock)


def test_a_good_sample_becomes_a_reading_with_its_time(bench: Bench) -> None:
    processed = bench.feed(221.0, 60.0, 1e6)
    assert processed.reading.time == START + 101_000
    assert processed.reading.boot is None
    assert processed.reading.values == {"voltage_l1_n": 221.0, "frequency": 60.0, ENERGY: 1e6}
    assert (processed.reading.flags, processed.events, processed.refused) == (NO_FLAGS, [], [])


def test_what_is_impossible_is_missing_flagged_and_counted(bench: Bench) -> None:
    processed = bench.feed(1e30, 60.0, 1e6)
    assert processed.reading.values["voltage_l1_n"] is None
    assert processed.reading.values["frequency"] == 60.0
    assert processed.reading.flags == Flag.IMPLAUSIBLE
    assert processed.refused == ["voltage_l1_n too_high"]


def test_a_failed_block_is_missing_and_marks_the_reading_partial(bench: Bench) -> None:
    processed = bench.feed(221.0, 60.0, None, failed=frozenset((ENERGY,)))
    assert processed.reading.flags == Flag.PARTIAL
    assert processed.refused == []


def test_a_counter_that_jumps_is_missing_until_it_is_sure(bench: Bench) -> None:
    bench.feed(221.0, 60.0, 1e6)
    processed = bench.feed(221.0, 60.0, 5e11)
    assert processed.reading.values[ENERGY] is None
    assert processed.refused == [f"{ENERGY} unconfirmed"]
    assert processed.reading.flags == Flag.IMPLAUSIBLE
    assert bench.feed(221.0, 60.0, 1e6 + 1).reading.flags == NO_FLAGS


def test_a_told_reset_is_flagged_and_makes_one_event(bench: Bench) -> None:
    bench.feed(221.0, 60.0, 1e6, evidence={"energy_reset_count": 1})
    processed = bench.feed(221.0, 60.0, 2.0, evidence={"energy_reset_count": 2})
    assert processed.reading.flags == Flag.COUNTER_RESET
    assert [event.kind for event in processed.events] == ["counter_reset"]
    assert processed.events[0].time == processed.reading.time
    assert "1000000 Wh, now 2 Wh" in processed.events[0].message


def test_rollover_and_swap_are_flagged(bench: Bench) -> None:
    bench.feed(221.0, 60.0, 1e12 - 2)
    assert bench.feed(221.0, 60.0, 3.0).reading.flags == Flag.COUNTER_ROLLOVER
    flags = [bench.feed(221.0, 60.0, 7e8).reading.flags for _ in range(3)]
    assert flags == [Flag.IMPLAUSIBLE, Flag.IMPLAUSIBLE, Flag.METER_SWAP]


def test_a_gateway_that_answers_all_zero_is_not_believed(bench: Bench) -> None:
    bench.feed(221.0, 60.0, 1e6)
    for _ in range(10):
        processed = bench.feed(0.0, 0.0, 0.0)
        assert set(processed.reading.values.values()) == {None}
        assert processed.reading.flags == Flag.IMPLAUSIBLE
        assert len(processed.refused) == 3
    assert bench.feed(221.0, 60.0, 1e6 + 9).reading.flags == NO_FLAGS


def test_a_standing_generator_is_believed(bench: Bench) -> None:
    bench.feed(221.0, 60.0, 1e6)
    processed = bench.feed(0.0, 0.0, 1e6)
    assert processed.reading.values == {"voltage_l1_n": 0.0, "frequency": 0.0, ENERGY: 1e6}
    assert processed.reading.flags == NO_FLAGS


def test_the_meter_says_that_its_range_was_left(bench: Bench) -> None:
    assert bench.feed(221.0, 60.0, 1e6, evidence={"overload_voltage": 1}).reading.flags == Flag.OVERLOAD
    assert bench.feed(221.0, 60.0, 1e6, evidence={"overload_voltage": 0}).reading.flags == NO_FLAGS


def test_a_restart_of_the_meter_is_an_event(bench: Bench) -> None:
    bench.feed(221.0, 60.0, 1e6, evidence={"restart_count": 7})
    assert [e.kind for e in bench.feed(221.0, 60.0, 1e6, evidence={"restart_count": 8}).events] == ["meter_restarted"]


def test_stored_counters_are_taken_over(bench: Bench) -> None:
    bench.pipeline.restore({ENERGY: (START + 90_000, 1e6), "gone": (5, 5.0)})
    assert bench.feed(221.0, 60.0, 4.0).refused == [f"{ENERGY} unconfirmed"]


def test_before_the_time_is_known_readings_carry_their_boot(tmp_path: Path, ticker: FakeTicker) -> None:
    bench = Bench(SiteClock(ClockSettings(), tmp_path, ticker, Machine("boot-9", {})))
    bench.feed(221.0, 60.0, 1e6, evidence={"restart_count": 1})
    processed = bench.feed(221.0, 60.0, 1e6, evidence={"restart_count": 2})
    assert (processed.reading.time, processed.reading.boot) == (102_000, "boot-9")
    assert processed.events[0].time >= BUILD_DATE, "an event of 1970 would never be found"


@pytest.mark.slow
@given(st.data())
def test_whatever_a_meter_says_becomes_a_reading_with_its_columns_only(data: st.DataObject) -> None:
    ticker = FakeTicker()
    clock = SiteClock(ClockSettings(), Path("/nonexistent/phaselog"), ticker, Machine("b", {}))
    meter = toy_meter(invert=data.draw(st.booleans()), ct_ratio=data.draw(st.sampled_from([1.0, 40.0])))
    pipeline = MeterPipeline(meter, MODEL, clock)
    any_value = st.none() | st.floats() | st.integers(0, 2**64).map(float)
    for second in range(data.draw(st.integers(1, 6))):
        values = data.draw(st.dictionaries(st.sampled_from((*NAMES, "current_n")), any_value))
        evidence = data.draw(
            st.dictionaries(st.sampled_from(("serial", "energy_reset", "overload")), st.integers(0, 2))
        )
        processed = pipeline.process(Sample("turbine", second * SECOND, values, evidence=evidence))
        assert set(processed.reading.values) <= set(quantities_of(meter, MODEL))
        assert all(value is None or abs(value) < 1e16 for value in processed.reading.values.values())


def test_what_a_source_has_to_tell_becomes_an_event(bench: Bench) -> None:
    processed = bench.feed(None, None, None, failed=frozenset(NAMES), news={"camera_refused": "ten pictures"})
    assert [(event.kind, event.message) for event in processed.events] == [("camera_refused", "turbine: ten pictures")]
