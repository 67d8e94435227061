"""What the judge of a camera lets count: what physics allows, once later readings bear it out."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.sources.camera.judge import KEPT, Judge, Shown
from tests.unit.sources.camera.misread import PLANTS, Misreads, Plant, judged, looks, now_and_then

KWH = 1000.0
FIVE_MINUTES = 300.0


def judge(power: float = 12e3, step: float = 100.0, end: float = 1e8) -> Judge:
    return Judge(power, step, end)


def told(judge: Judge, *kwh: float, every: float = FIVE_MINUTES, start: float = 0.0) -> list[float]:
    """What counts (kWh) of these readings, one after the other."""
    counts = [judge.rule(Shown(value * KWH, start + number * every)).counts for number, value in enumerate(kwh)]
    return [one.value / KWH for some in counts for one in some]


def known() -> Judge:
    """A meter that shows 100.4 kWh next; it counts up to 100.1 so far."""
    made = judge()
    assert told(made, 100.0, 100.1, 100.2, 100.3) == [100.0, 100.1]
    return made


def after(judge: Judge, *kwh: float) -> list[float]:
    return told(judge, *kwh, start=4 * FIVE_MINUTES)


def test_a_reading_counts_when_two_more_follow_from_it() -> None:
    assert after(known(), 100.4, 100.5, 100.6) == [100.2, 100.3, 100.4]


def test_each_reading_that_contradicts_calls_for_one_more_that_agrees() -> None:
    made = known()
    assert after(made, 100.4, 900.5, 100.6) == [100.2]
    assert told(made, 100.7, 100.8, start=7 * FIVE_MINUTES) == [100.3, 100.4, 100.6]


def test_the_first_reading_needs_three_that_agree() -> None:
    assert told(judge(), 100.0, 100.0, 100.1) == []
    assert told(judge(), 900.0, 100.0, 100.0, 100.1, 100.1) == [100.0, 100.0]


@pytest.mark.parametrize("misread", [0.0, 99.9 - 0.2, 180.0, 900.4, 1000.4])
def test_what_cannot_be_never_counts_and_says_why(misread: float) -> None:
    made = known()
    ruling = made.rule(Shown(misread * KWH, 4 * FIVE_MINUTES))
    assert "kWh" in ruling.refused
    assert misread not in told(made, 100.4, 100.5, 100.6, 100.7, 100.8, start=5 * FIVE_MINUTES)


def test_one_false_high_value_blocks_nothing() -> None:
    """The trap of keeping the last value: all readings are refused until the counter catches up."""
    made = known()
    assert after(made, 100.9, 100.4, 100.5, 100.6, 100.7, 100.8) == [100.2, 100.3, 100.4, 100.5, 100.6]


def test_two_false_values_that_agree_do_not_count() -> None:
    assert after(known(), 101.0, 101.0, 100.6, 100.7, 100.8, 100.9, 101.0) == [100.2, 100.3, 100.6, 100.7, 100.8]


def test_of_two_that_contradict_each_other_neither_counts() -> None:
    """Nobody knows which one is wrong."""
    assert after(known(), 100.6, 100.4, 100.6, 100.7, 100.8) == [100.2, 100.3, 100.6]


def test_a_false_value_said_for_days_never_counts() -> None:
    """Dirt that makes a 3 of each 1: the picture is the same every time, and wrong every time."""
    made = known()
    rulings = [made.rule(Shown(300.0 * KWH, n * FIVE_MINUTES)) for n in range(4, 600)]
    assert not any(ruling.counts for ruling in rulings)
    assert all(ruling.refused for ruling in rulings)


def test_a_rise_that_could_not_be_counts_once_the_digit_that_made_it_has_moved() -> None:
    """A rating typed too low: a digit that is misread all the time would not go on where it jumped to."""
    made = known()
    rising = [104.5 + 0.1 * number for number in range(12)]
    assert all(one >= 104.99 for one in after(made, *rising))
    assert told(made, 105.7, 105.8, 105.9, start=16 * FIVE_MINUTES) == pytest.approx([105.5, 105.6, 105.7])


def test_after_an_outage_what_was_counted_meanwhile_counts() -> None:
    assert told(known(), 250.0, 250.1, 250.2, start=86_400.0) == [250.0]


def test_a_counter_begins_anew_after_its_highest_value() -> None:
    readings = [99_999.6, 99_999.7, 99_999.8, 99_999.9, 0.0, 0.1, 0.2, 0.3]
    assert told(judge(), *readings) == readings[:-2]


def test_a_counter_whose_end_is_not_known_only_goes_back() -> None:
    made = judge(end=0.0)
    told(made, 99_999.6, 99_999.7, 99_999.8, 99_999.9)
    assert made.rule(Shown(0.0, 4 * FIVE_MINUTES)).refused.startswith("goes back")


def test_another_meter_counts_at_once_when_a_person_says_so() -> None:
    made = known()
    made.swap()
    assert after(made, 3.0) == [3.0]
    assert told(made, 3.1, 3.2, 3.3, start=5 * FIVE_MINUTES) == [3.1]


def test_a_misread_first_value_of_another_meter_blocks_nothing() -> None:
    made = known()
    made.swap()
    assert after(made, 9003.0, 3.0, 3.1, 3.2, 3.3, 3.4) == [9003.0, 3.0, 3.1, 3.2]


def test_without_a_person_another_meter_never_counts() -> None:
    made = known()
    rulings = [made.rule(Shown((3.0 + 0.1 * n) * KWH, n * FIVE_MINUTES)) for n in range(4, 600)]
    assert not any(ruling.counts for ruling in rulings)
    assert all(ruling.refused for ruling in rulings)


def test_a_last_digit_that_is_about_to_roll_is_no_fall() -> None:
    assert after(known(), 100.3, 100.2, 100.3, 100.3) == [100.2, 100.3, 100.3, 100.3]


def test_readings_that_only_contradict_each_other_are_refused() -> None:
    made, dice = known(), random.Random(1)
    rulings = [
        made.rule(Shown(100.4 * KWH + 100.0 * dice.randrange(9), (4 + n / 100) * FIVE_MINUTES)) for n in range(99)
    ]
    silent = [number for number, ruling in enumerate(rulings) if not ruling.counts and not ruling.refused]
    assert all(number < KEPT or any(rulings[n].counts for n in range(number - KEPT, number)) for number in silent)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", PLANTS)
def test_months_of_misread_digits(name: str, seed: int) -> None:
    """Each digit of each reading is misread with 5 %: nearly every third reading of a display of seven digits is wrong.

    Nothing counts that differs from the truth by more than the energy that the installed power allows since the last
    one that counted, and no wrong value keeps the next true reading out.
    """
    plant = PLANTS[name]
    tally = judged(plant, looks(plant, seed, round(30 * 86_400 / plant.every), now_and_then(0.05)))
    assert tally.beyond == []
    assert tally.barred == 0
    assert tally.lost < 0.4


@pytest.mark.slow
@pytest.mark.parametrize("name", ["household", "household, pictures missing", "hardly used", "pico-hydro in flood"])
def test_a_good_camera_loses_hardly_anything(name: str) -> None:
    plant = PLANTS[name]
    tally = judged(plant, looks(plant, 1, 3000, now_and_then(0.0002)))
    assert not tally.beyond
    assert tally.lost < 0.06
    assert tally.late < 2.3


def wrong_lens(shown: str, number: int, dice: random.Random) -> str:
    """One hour a day each digit is another one; the first is the same all the time."""
    if number % 96 not in range(40, 44):
        return shown
    return "7" + "".join(dice.choice("0123456789") for _ in shown[1:])


def another_meter(shown: str, number: int, _: random.Random) -> str:
    """Two hours a day it looks at the neighbour's."""
    return str((int(shown) + 30_000) % 10 ** len(shown)).zfill(len(shown)) if number % 96 in range(40, 48) else shown


def bursts(shown: str, number: int, dice: random.Random) -> str:
    """Every fourth hour half of the digits are wrong."""
    return now_and_then(0.5 if number % 16 < 4 else 0.005)(shown, number, dice)


@pytest.mark.parametrize("misread", [wrong_lens, another_meter, bursts])
@pytest.mark.parametrize("name", ["household", "two decimals", "pico-hydro in flood"])
def test_hours_of_wrong_readings(name: str, misread: Misreads) -> None:
    plant = PLANTS[name]
    tally = judged(plant, looks(plant, 3, 2000, misread))
    assert tally.beyond == []
    assert tally.lost < 0.15


@pytest.mark.slow
def test_a_counter_that_rolls_over_among_misread_digits() -> None:
    for seed in range(10):
        plant = Plant(14.5e3, 100.0, 900.0, 6, PLANTS["household"].load, starts=1e8 / 10 - 40e3)
        tally = judged(plant, looks(plant, seed, 400, now_and_then(0.05)))
        assert tally.beyond == []
        assert tally.lost < 0.4


def dirty(place: int, digit: str, taken: str) -> Misreads:
    """From one day on a segment of one place is dirty: 8 is read as 6 there, for ever."""

    def misread(shown: str, number: int, _: random.Random) -> str:
        return shown[:place] + taken + shown[place + 1 :] if shown[place] == digit and number > 50 else shown

    return misread


@pytest.mark.parametrize(
    ("place", "digit", "taken", "seed", "name"),
    [
        (4, "1", "0", 366424, "household"),  # the row that fell reaches what was before it
        (4, "5", "4", 257790, "household"),
        (5, "1", "8", 598980, "household"),  # what had rolled on was not compared with what came after
        (4, "1", "0", 402041, "household"),
    ],
)
def test_what_a_dirty_digit_shows_never_counts(place: int, digit: str, taken: str, seed: int, name: str) -> None:
    assert judged(PLANTS[name], looks(PLANTS[name], seed, 1000, dirty(place, digit, taken))).beyond == []


def test_what_counts_of_a_dirty_digit_that_two_high_readings_hide_is_bounded() -> None:
    """Found by chance, not mended: it turns dirty between readings that are as far apart as it is wrong by."""
    plant = PLANTS["household"]
    assert max(judged(plant, looks(plant, 0, 1000, dirty(4, "1", "0"))).beyond, default=0.0) < 3.5


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANTS)
def test_a_digit_that_is_always_misread_the_same_way(name: str) -> None:
    """One that is wrong by hardly more than a few periods' energy may count (decision 105), nothing else does."""
    plant, dice = PLANTS[name], random.Random(name)
    for seed in range(4):
        digit, taken = dice.sample("0123456789", 2)
        tally = judged(plant, looks(plant, seed, 600, dirty(dice.randrange(2, plant.digits - 1), digit, taken)))
        assert max(tally.beyond, default=0.0) < 3.5


@given(st.integers(0, 10**6), st.integers(0, 6))
@settings(max_examples=30, deadline=None)
def test_after_one_misread_value_the_series_is_right_again(seed: int, digit: int) -> None:
    """Whatever digit is misread as whatever, and whenever: the true readings after it count.

    One that contradicts it is lost with it where both were possible: nobody can tell then which one was wrong.
    """
    dice = random.Random(seed)
    wrong_at = dice.randrange(8, 30)

    def misread(shown: str, number: int, _: random.Random) -> str:
        other = dice.choice("0123456789".replace(shown[digit], ""))
        return shown[:digit] + other + shown[digit + 1 :] if number == wrong_at else shown

    tally = judged(PLANTS["hardly used"], looks(PLANTS["hardly used"], seed, 40, misread))
    assert tally.beyond == []
    assert tally.true - tally.kept <= 4
