"""Rendered strips are the same for the same seed, differ for others, and tell where their digits are."""

from itertools import pairwise

import numpy as np
import pytest

from ocr.training.pool import CLASS_OF, STEP, truth
from ocr.training.segments import LIT, Face
from ocr.training.strips import render


def test_a_seed_always_draws_the_same_strip():
    first, again, other = render(11, 192), render(11, 192), render(12, 192)
    assert np.array_equal(first.image, again.image)
    assert first.text == again.text
    assert not np.array_equal(first.image, other.image)


@pytest.mark.parametrize("width", [128, 192, 256])
def test_glyphs_stand_in_reading_order_and_say_the_text(width):
    for seed in range(60):
        strip = render(seed, width)
        assert strip.image.shape == (32, width)
        assert "".join(glyph.character for glyph in strip.glyphs) == strip.text
        digits = [glyph for glyph in strip.glyphs if glyph.character != "."]
        assert all(a.left < b.left for a, b in pairwise(digits))
        assert all(glyph.top < glyph.bottom for glyph in digits)
        assert 1 <= len(digits) <= 10


def test_the_steps_of_a_strip_name_each_digit_once_at_its_place():
    for seed in range(60):
        strip = render(seed, 256)
        frames, geometry = truth(strip)
        for glyph in strip.glyphs:
            step = int((glyph.left + glyph.right) / 2 / STEP)
            if glyph.character != "." and 0 <= step < len(frames):
                assert frames[step] == CLASS_OF[glyph.character]
                assert geometry[step, 0] < geometry[step, 1]


@pytest.mark.parametrize("shape", ["bevel", "hexagon", "rectangle", "rounded"])
def test_every_segment_lies_within_the_digit(shape):
    outlines = Face(shape, 0.55, 0.12, 0.02, 0.0).outlines()
    assert set(outlines) == set("abcdefg")
    for points in outlines.values():
        assert points[:, 0].min() >= -0.01
        assert points[:, 0].max() <= 0.56
        assert points[:, 1].min() >= -0.01
        assert points[:, 1].max() <= 1.01


def test_ten_digits_light_ten_different_sets_of_segments():
    assert len({LIT[digit] for digit in "0123456789"}) == 10
