"""Corners that are told to the network come back out of its answers, wherever and however a line lies."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ocr.locate.lines import lines
from ocr.training.locate_targets import targets


def a_line(centre: tuple[float, float], height: float, width: float, turn: float) -> np.ndarray:
    flat = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    return (flat @ np.array([[c, s], [-s, c]]) + centre).astype(np.float32)


@given(
    x=st.floats(100, 156),
    y=st.floats(100, 156),
    height=st.floats(8, 60),
    digits=st.floats(1, 5),
    turn=st.floats(-28, 28),
)
def test_a_line_comes_back_within_a_tenth_of_its_height(x, y, height, digits, turn):
    corners = a_line((x, y), height, min(180, height * digits), turn)
    answers, _ = targets([corners], 256, 256)
    answers[0] = np.where(answers[0] > 0, 5.0, -5.0)
    found = lines(answers)
    assert len(found) == 1
    assert np.abs(found[0][1] - corners).max() < 0.1 * height


def test_two_rows_stay_two_lines():
    rows = [a_line((128, 100), 40, 160, 3), a_line((128, 150), 40, 160, 3)]
    answers, _ = targets(rows, 256, 256)
    answers[0] = np.where(answers[0] > 0, 5.0, -5.0)
    assert len(lines(answers)) == 2


def test_where_nothing_is_seen_there_is_no_line():
    answers, _ = targets([], 320, 64)
    answers[0] = -5.0
    assert lines(answers) == []
