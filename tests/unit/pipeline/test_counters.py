from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipeline_play import model_of, toy_meter

from collector.pipeline.counter import CONFIRMATIONS, Change, Counter, Power
from collector.pipeline.counters import Counters

#: 10 kVA: three times that is 8.3 Wh a second.
RATED = toy_meter(rated_apparent_power=10e3)
ENERGY = "active_energy_import"
GARBAGE = st.sampled_from([0.0, 3.0, 1e9, 5e11, 1.9e15, 123456.0, 8e6])


def counter(value: float | None = 1e6, rollover: float | None = None, balance: bool = False) -> Counter:
    made = Counter(Power.of(RATED), rollover=rollover, balance=balance)
    if value is not None:
        assert made.judge(value, 0.0) is Change.NORMAL
    return made


def test_the_first_value_is_where_counting_begins() -> None:
    assert counter(None).judge(123.0, 0.0) is Change.NORMAL


def test_what_the_installation_can_use_is_an_increment() -> None:
    assert counter().judge(1e6 + 8, 1.0) is Change.NORMAL


def test_a_standing_counter_is_an_increment_of_nothing() -> None:
    assert counter().judge(1e6, 1.0) is Change.NORMAL


def test_a_single_wrong_value_is_held_and_forgotten() -> None:
    it = counter()
    for second, wrong in enumerate((5e11, 0.0, 7.0, 1e6 - 1), start=1):
        assert it.judge(wrong, 2.0 * second - 1) is Change.HELD
        assert it.judge(1e6 + second, 2.0 * second) is Change.NORMAL


def test_different_wrong_values_never_confirm_each_other() -> None:
    it = counter()
    for second, wrong in enumerate((5e11, 9e11, 5e11, 2e5, 9e11), start=1):
        assert it.judge(wrong, float(second)) is Change.HELD
    assert it.judge(1e6 + 1, 6.0) is Change.NORMAL


def test_a_reset_that_the_meter_tells_is_believed_at_once() -> None:
    assert counter().judge(3.0, 1.0, reset=True) is Change.RESET


def test_a_word_of_a_reset_does_not_make_a_reset_of_anything() -> None:
    assert counter().judge(9e5, 1.0, reset=True) is Change.HELD
    assert counter().judge(1e6 + 1, 1.0, reset=True) is Change.NORMAL


def test_a_fall_to_near_zero_that_stays_is_a_reset() -> None:
    it = counter()
    changes = [it.judge(float(second), float(second)) for second in range(1, 5)]
    assert changes == [Change.HELD, Change.HELD, Change.RESET, Change.NORMAL]


def test_a_fall_to_somewhere_that_stays_is_another_meter() -> None:
    it = counter()
    changes = [it.judge(4e5 + second, float(second)) for second in range(1, 5)]
    assert changes == [Change.HELD, Change.HELD, Change.SWAP, Change.NORMAL]


def test_a_rise_beyond_physics_that_stays_is_another_meter() -> None:
    it = counter()
    changes = [it.judge(7e8 + second, float(second)) for second in range(1, 5)]
    assert changes == [Change.HELD, Change.HELD, Change.SWAP, Change.NORMAL]


def test_another_serial_number_is_another_meter_at_once() -> None:
    assert counter().judge(7e8, 1.0, swap=True) is Change.SWAP


def test_after_a_long_outage_a_large_rise_is_an_increment() -> None:
    week = 7 * 86_400.0
    assert counter().judge(1e6 + 168 * 9e3, week) is Change.NORMAL


def test_a_counter_that_is_updated_each_quarter_of_an_hour_is_not_refused() -> None:
    it = counter()
    for second in range(1, 4 * 900):
        value = 1e6 + (second // 900) * 2500.0  # 10 kW
        assert it.judge(value, float(second)) is Change.NORMAL


def test_a_rollover_goes_on_from_zero() -> None:
    it = counter(1e12 - 5, rollover=1e12)
    assert it.judge(3.0, 1.0) is Change.ROLLOVER
    assert it.judge(4.0, 2.0) is Change.NORMAL


def test_a_fall_far_from_the_rollover_is_none() -> None:
    assert counter(5e11, rollover=1e12).judge(3.0, 1.0) is Change.HELD


def test_a_balance_may_fall() -> None:
    it = counter(5.0, balance=True)
    assert it.judge(-3.0, 1.0) is Change.NORMAL
    assert it.judge(-1e9, 2.0) is Change.HELD
    assert it.judge(-5.0, 3.0) is Change.NORMAL


def test_without_a_rating_the_meter_shows_what_is_possible() -> None:
    """A 30 MW plant at one reading a minute: 500 kWh each, more than anybody would guess."""
    it = Counter(Power.of(toy_meter()))
    changes = [it.judge(500e3 * minute, 60.0 * minute) for minute in range(20)]
    assert changes.count(Change.HELD) == CONFIRMATIONS - 1
    assert all(change is Change.NORMAL for change in changes[CONFIRMATIONS:])


def test_measured_power_explains_a_fast_counter_at_once() -> None:
    counters = Counters(toy_meter(), model_of("active_power_total", ENERGY))
    for minute in range(20):
        values: dict[str, float | None] = {"active_power_total": 30e6, ENERGY: 500e3 * minute}
        verdicts = counters.judge(values, 60.0 * minute)
        assert minute < 2 or not verdicts


def test_one_wrong_power_does_not_open_the_door_for_a_wrong_counter() -> None:
    counters = Counters(toy_meter(), model_of("active_power_total", ENERGY))
    for second in range(5):
        counters.judge({"active_power_total": 1e9 if second == 3 else 2e3, ENERGY: 1e6}, float(second))
    values: dict[str, float | None] = {"active_power_total": 2e3, ENERGY: 1e6 + 400e3}
    assert counters.judge(values, 6.0)[0].change is Change.HELD
    assert values[ENERGY] is None


def test_evidence_that_comes_late_still_explains_the_fall() -> None:
    counters = Counters(RATED, model_of(ENERGY))
    counters.notice({"energy_reset_count": 4}, 0.0)
    counters.judge({ENERGY: 1e6}, 0.0)
    assert counters.judge({ENERGY: 1.0}, 1.0)[0].change is Change.HELD
    counters.notice({"energy_reset_count": 5}, 2.0)
    assert counters.judge({ENERGY: 2.0}, 2.0)[0].change is Change.RESET


def test_a_reset_bit_that_goes_out_is_no_second_reset() -> None:
    counters = Counters(RATED, model_of(ENERGY))
    told = [sorted(counters.notice({"energy_reset": bit}, float(second))) for second, bit in enumerate((0, 1, 1, 0))]
    assert told == [[], ["energy_reset"], [], []]


def test_stored_counters_reveal_a_reset_while_nobody_looked() -> None:
    counters = Counters(RATED, model_of(ENERGY))
    counters.restore(ENERGY, 1e6, -3600.0)
    verdicts = [counters.judge({ENERGY: float(second)}, float(second)) for second in range(4)]
    assert [v[0].change if v else None for v in verdicts] == [Change.HELD, Change.HELD, Change.RESET, None]


def test_stored_counters_do_not_overwrite_what_is_known() -> None:
    counters = Counters(RATED, model_of(ENERGY))
    counters.judge({ENERGY: 1e6 + 5}, 0.0)
    counters.restore(ENERGY, 1e6, -3600.0)
    assert counters.judge({ENERGY: 1e6 + 6}, 1.0) == []


steps = st.one_of(
    st.tuples(st.just("count"), st.floats(0.0, 2.5)),
    st.tuples(st.just("garbage"), GARBAGE),
    st.tuples(st.just("missing"), st.just(0.0)),
    st.tuples(st.just("reset"), st.just(0.0)),
    st.tuples(st.just("outage"), st.floats(10.0, 1e5)),
)


@pytest.mark.slow
@given(st.lists(steps, max_size=60), st.booleans())
def test_the_sum_of_increments_is_what_flowed(history: list[tuple[str, float]], tells: bool) -> None:
    """A meter of 9 kW at most; resets (told or not), outages, single wrong values; five true ones after each."""
    it, true, flowed, second = counter(1000.0, rollover=1e12), 1000.0, 0.0, 0.0
    summed, last = 0.0, 1000.0

    def say(value: float, reset: bool = False) -> None:
        nonlocal summed, last
        change = it.judge(value, second, reset=reset)
        if change is Change.HELD:
            return
        assert change in (Change.NORMAL, Change.RESET)
        summed += value if change is Change.RESET else value - last
        last = value

    for what, amount in history:
        told = False
        second += 1.0
        if what == "outage":
            second += amount
            true += amount * 2.0
            flowed += amount * 2.0
        elif what == "count":
            true, flowed = true + amount, flowed + amount
        elif what == "reset":
            # Said in full before: what flowed since the last reading is lost with any reset.
            true, told = 0.0, tells
        elif what == "garbage":
            say(amount if abs(amount - true) > 1e4 else 7e13)
        if what == "missing":
            continue
        for _ in range(5):
            say(true, told)
            second += 1.0
    assert summed == pytest.approx(flowed, abs=1e-6)
