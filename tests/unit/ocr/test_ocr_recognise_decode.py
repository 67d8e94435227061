"""Decoding agrees with counting every path by hand on small alphabets."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.recognise import decode


def _collapsed(path):
    return tuple(c for i, c in enumerate(path) if c and (i == 0 or path[i - 1] != c))


def _by_hand(steps):
    """Every string's probability, summed over all paths."""
    found: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(steps.shape[1]), repeat=len(steps)):
        chance = float(np.exp(sum(steps[t, c] for t, c in enumerate(path))))
        key = _collapsed(path)
        found[key] = found.get(key, 0.0) + chance
    return found


@st.composite
def scores(draw):
    steps, classes = draw(st.integers(1, 5)), draw(st.integers(2, 4))
    raw = draw(st.lists(st.floats(-4, 4), min_size=steps * classes, max_size=steps * classes))
    return decode.log_softmax(np.array(raw, np.float32).reshape(steps, classes))


@settings(max_examples=60, deadline=None)
@given(scores())
def test_likelihoods_and_totals_are_the_sums_over_all_paths(steps):
    truth = _by_hand(steps)
    strings = list(truth)
    found = np.exp(decode.log_likelihoods(steps, strings))
    assert found == pytest.approx([truth[s] for s in strings], abs=1e-9)
    totals = np.exp(decode.log_total(steps, len(steps)))
    for length, total in enumerate(totals):
        assert total == pytest.approx(sum(p for s, p in truth.items() if len(s) == length), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(scores(), st.integers(1, 3))
def test_the_beam_finds_the_likeliest_string_of_the_wanted_length(steps, length):
    truth = {s: p for s, p in _by_hand(steps).items() if len(s) == length}
    found = decode.beam(steps, 200, (length, length))
    if not truth:
        assert found == []
        return
    assert truth[found[0]] == pytest.approx(max(truth.values()), rel=1e-6)
    assert all(len(s) == length for s in found)


def test_a_point_parts_equal_digits_as_a_blank_does():
    steps = np.full((3, 12), -20.0)
    steps[0, 6] = steps[1, decode.POINT] = steps[2, 6] = 0.0
    alone = decode.digits_only(decode.log_softmax(steps.astype(np.float32)))
    assert decode.beam(alone, 4, (1, 5))[0] == (6, 6)
    assert decode.places(alone, (6, 6)) == [0, 2]


def test_a_certain_symbol_among_impossible_ones_keeps_its_sum():
    steps = np.full((4, 3), -700.0)
    steps[:, 1] = 0.0
    totals = np.exp(decode.log_total(decode.log_softmax(steps.astype(np.float32)), 3))
    assert totals == pytest.approx([0, 1, 0, 0], abs=1e-12)
