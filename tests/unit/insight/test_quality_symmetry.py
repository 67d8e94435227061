"""Unbalance agrees with symmetrical components, and an absent phase is unknown."""

import cmath
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from collector.insight.quality.symmetry import mean_deviation, negative_sequence

A = cmath.exp(2j * math.pi / 3)
TO_SEQUENCES = np.array([[1, 1, 1], [1, A, A * A], [1, A * A, A]]) / 3
magnitudes = st.floats(180, 260)
angles = st.floats(-0.2, 0.2)


@given(st.tuples(magnitudes, magnitudes, magnitudes), st.tuples(angles, angles, angles))
def test_negative_sequence_is_that_of_symmetrical_components(sizes, turns):
    phasors = [
        size * cmath.exp(1j * (turn - 2 * math.pi / 3 * number))
        for number, (size, turn) in enumerate(zip(sizes, turns, strict=True))
    ]
    u1, u2, u3 = phasors
    _, positive, negative = TO_SEQUENCES @ np.array(phasors)
    expected = 100 * abs(negative) / abs(positive)
    found = negative_sequence([abs(u1 - u2), abs(u2 - u3), abs(u3 - u1)])
    assert found == pytest.approx(expected, abs=1e-4)


@given(st.floats(0, 400), st.permutations([0, 1, 2]))
def test_an_absent_phase_is_unknown_not_balanced(rest, order):
    for gone in (None, 0.0, 0.04 * rest):
        values = [gone, rest, rest * 1.01]
        shuffled = [values[place] for place in order]
        assert negative_sequence(shuffled) is None
        assert mean_deviation(shuffled) is None


def test_sides_that_make_no_triangle_were_not_read_together():
    assert negative_sequence([400.0, 150.0, 150.0]) is None


@given(st.lists(st.floats(50, 500), min_size=3, max_size=3))
def test_balanced_is_zero_and_nothing_else_is(values):
    assume(max(values) - min(values) > 0.01)
    assert mean_deviation([values[0]] * 3) == pytest.approx(0)
    assert negative_sequence([values[0]] * 3) == pytest.approx(0, abs=1e-5)
    assert mean_deviation(values) > 0
