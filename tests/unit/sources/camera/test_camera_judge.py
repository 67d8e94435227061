"""What the judge of a camera lets count: what physics allows, once a second reading agrees."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.sources.camera.judge import Judge, Shown

KWH = 1000.0
FIVE_MINUTES = 300.0


def judge(power: float = 12e3, step: float = 100.0) -> Judge:
    return Judge(power, step)


def told(judge: Judge, *kwh: float, every: float = FIVE_MINUTES, start: float = 0.0) -> list[float]:
    """What counts (kWh) of these readings, one after the other."""
    counts = [judge.rule(Shown(value * KWH, start + number * every)).counts for number, value in enumerate(kwh)]
    return [one.value / KWH for some in counts for one in some]


def test_a_reading_counts_when_the_next_one_agrees() -> None:
    assert told(judge(), 100.0, 100.1, 100.2, 100.4, 100.5) == [100.0, 100.1, 100.2, 100.4]


def test_a_display_that_stands_counts_at_once() -> None:
    assert told(judge(), 100.0, 100.0, 100.0, 100.0, 100.0) == [100.0] * 5


def test_the_first_reading_needs_two_that_agree() -> None:
    assert told(judge(), 900.0, 100.0, 100.0) == []
    assert told(judge(), 900.0, 100.0, 100.0, 100.1) == [100.0, 100.0]


@pytest.mark.parametrize("misread", [0.0, 99.9 - 0.2, 180.0, 900.4, 1000.4])
def test_what_cannot_be_never_counts(misread: float) -> None:
    known = judge()
    told(known, 100.0, 100.1, 100.2, 100.3)
    ruling = known.rule(Shown(misread * KWH, 4 * FIVE_MINUTES))
    assert not ruling.counts
    assert ruling.refused


def test_one_false_high_value_blocks_nothing() -> None:
    """The trap of keeping the last value: all readings are refused until the counter catches up."""
    known = judge()
    assert told(known, 100.0, 100.1, 100.2, 100.9, 100.3, 100.4, 100.5) == [100.0, 100.1, 100.2, 100.3, 100.4]


def test_two_false_values_in_a_row_are_taken_back() -> None:
    known = judge()
    assert told(known, 100.0, 100.1, 100.2, 101.0, 101.0) == [100.0, 100.1, 100.2, 101.0]
    rulings = [known.rule(Shown(value * KWH, (5 + n) * FIVE_MINUTES)) for n, value in enumerate((100.3, 100.3))]
    assert rulings[0].refused
    assert [one.value for one in rulings[1].taken_back] == [101.0 * KWH]
    assert [one.value for one in rulings[1].counts] == [100.3 * KWH]


def test_a_false_value_said_for_days_never_counts() -> None:
    """Dirt that makes a 3 of each 1: the picture is the same every time, and wrong every time."""
    known = judge()
    told(known, 100.0, 100.0, 100.0)
    rulings = [known.rule(Shown(300.0 * KWH, n * FIVE_MINUTES)) for n in range(3, 300)]
    assert not any(ruling.counts for ruling in rulings)


def test_after_an_outage_what_was_counted_meanwhile_counts() -> None:
    known = judge()
    told(known, 100.0, 100.1, 100.2, 100.3)
    assert told(known, 250.0, 250.1, start=86_400.0) == [100.3, 250.0]


def test_another_meter_counts_at_once_when_a_person_says_so() -> None:
    known = judge()
    told(known, 100.0, 100.0, 100.0, 100.0)
    known.swap()
    ruling = known.rule(Shown(3.0 * KWH, 2000.0))
    assert [one.value for one in ruling.counts] == [3.0 * KWH]


def test_a_last_digit_that_is_about_to_roll_is_no_fall() -> None:
    known = judge()
    told(known, 100.0, 100.0, 100.0, 100.0)
    ruling = known.rule(Shown(99.9 * KWH, 2000.0))
    assert [one.value for one in ruling.counts] == [100.0 * KWH]


@dataclass
class Household:
    """A meter that counts a changing load, and a camera that misreads some of its digits."""

    seed: int
    power: float = 12e3
    step: float = 100.0
    every: float = FIVE_MINUTES
    digits: int = 7

    def readings(self, count: int, misread: float) -> Iterator[tuple[float, float, float]]:
        """(time, Wh that is true and shown, Wh that was read)."""
        dice = random.Random(self.seed)
        wh, load = dice.uniform(0, 10 ** (self.digits - 1)) * self.step, 0.0
        for number in range(count):
            if number % 12 == 0:
                load = self.power * dice.random() ** 4
            wh += load * self.every / 3600
            shown = str(int(wh // self.step)).zfill(self.digits)
            read = "".join(dice.choice("0123456789".replace(d, "")) if dice.random() < misread else d for d in shown)
            yield (number + 1) * self.every, int(shown) * self.step, int(read) * self.step


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("step", "power"), [(100.0, 12e3), (1000.0, 12e3), (10.0, 5e3)])
def test_months_of_misread_digits(seed: int, step: float, power: float) -> None:
    """Each digit of each reading is misread with 5 %: every third reading of this display is wrong.

    Nothing that counts differs from the truth by more than what can have been counted since the last one that was
    right, hardly anything by more than since the last one; and two true readings in a row are always enough.
    """
    household, known = Household(seed, power, step), judge(power, step)
    truth: dict[float, float] = {}
    counted: list[tuple[float, float]] = []  # time, error
    beyond = stuck = pairs = true_before = 0
    for time, shown, read in household.readings(26_000, 0.05):  # 90 days
        truth[time] = shown
        ruling = known.rule(Shown(read, time))
        if ruling.taken_back:
            counted = [one for one in counted if one[0] < ruling.taken_back[0].time]
        for one in ruling.counts:
            error = abs(one.value - truth[one.time])
            right = next((at for at, wrong in reversed(counted) if wrong <= step), None)
            if right is not None:
                assert error <= power * (one.time - right) / 3600 + 2 * step
                beyond += error > power * (one.time - counted[-1][0]) / 3600 + 2 * step
            counted.append((one.time, error))
        is_true = read == shown
        if is_true and true_before >= 2 and known.counted:
            pairs += 1
            stuck += truth[time] - known.counted[-1].value > power * 3 * FIVE_MINUTES / 3600 + step
            stuck += known.counted[-1].value > truth[time]
        true_before = true_before + 1 if is_true else 0
    assert len(counted) > 0.55 * len(truth)
    assert beyond <= 3
    assert stuck <= 0.004 * pairs


@given(st.integers(0, 10**6), st.integers(0, 6))
@settings(max_examples=60, deadline=None)
def test_after_one_misread_value_the_series_is_right_again(seed: int, digit: int) -> None:
    """Whatever digit is misread as whatever, and whenever: at most the next true reading is lost with it.

    It is lost where both were possible and contradict each other: nobody can tell then which one was wrong.
    """
    dice = random.Random(seed)
    household, known = Household(seed), judge()
    counts: dict[float | None, float] = {}
    truth: dict[float, float] = {}
    wrong_at = dice.randrange(6, 30)
    for number, (time, shown, _) in enumerate(household.readings(36, 0.0)):
        read = shown
        if number == wrong_at:
            text = str(int(shown // 100)).zfill(7)
            other = dice.choice("0123456789".replace(text[digit], ""))
            read = int(text[:digit] + other + text[digit + 1 :]) * 100.0
        counts |= {one.time: one.value for one in known.rule(Shown(read, time)).counts}
        truth[time] = shown
        if number > wrong_at + 2:
            assert counts[time - FIVE_MINUTES] == truth[time - FIVE_MINUTES]
