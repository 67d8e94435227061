"""A level that is another one now is expected to stay; what comes back is not."""

from __future__ import annotations

import random

import pytest

from tests.unit.insight.test_forecast_same import expected


def turbine(watts: float, hours: int) -> list[float | None]:
    source = random.Random(2)
    return [watts + source.gauss(0, 8) for _ in range(hours)]


@pytest.mark.parametrize(("level", "hours"), [(900.0, 3), (2990.0, 8)])
def test_a_turbine_on_another_nozzle_is_expected_to_stay_there(level: float, hours: int) -> None:
    """So few hours are enough where nothing like it was ever seen; the old level would be expected for days."""
    told = expected([*turbine(2800, 30 * 24), *turbine(level, hours)])
    assert [each.value for each in told] == pytest.approx([level] * 24, abs=60)


def test_an_outage_of_two_hours_is_no_new_level() -> None:
    told = expected([*turbine(2800, 30 * 24), 0.0, 0.0, 2801.0])
    assert [each.value for each in told] == pytest.approx([2800] * 24, abs=60)
