"""What stands still is told, and what never moved because nothing is there is not."""

from __future__ import annotations

from collector.insight.anomaly.stuck import stuck

WEEK = 168


def test_a_value_that_stands_still_for_longer_than_ever_is_told() -> None:
    values = [float(hour % 24) for hour in range(WEEK)] + [7.0] * 30
    (stay,) = stuck(values, WEEK)
    assert (stay.begin, stay.last, stay.lasting) == (WEEK, WEEK + 29, True)


def test_what_was_never_anything_but_nought_is_not_stuck() -> None:
    """A house without a plant feeds nothing in: its export counter does not hang."""
    assert stuck([0.0] * (2 * WEEK), WEEK) == []
    assert stuck([None, 0.0, 0.0] * WEEK, WEEK) == []


def test_a_counter_that_stops_is() -> None:
    values = [100.0 + hour % 5 for hour in range(WEEK)] + [0.0] * 20
    assert [stay.begin for stay in stuck(values, WEEK)] == [WEEK]
