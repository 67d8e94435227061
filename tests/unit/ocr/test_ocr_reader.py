"""The reader as users meet it: what is told of a display is checked, what is not told is inferred where it shows."""

import cv2
import numpy as np
import pytest
from drawn_meters import LEFT, PITCH, TALL, TOP, meter, place

from ocr.corners import of_box
from ocr.picture import Picture
from ocr.reader import Reader, View


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


@pytest.mark.slow
@pytest.mark.parametrize("number", ["0123785", "0048240"])
def test_last_digits_that_are_smaller_are_decimals_though_no_point_is_seen(reader: Reader, number: str):
    small = of_box(LEFT - 14, TOP - 12, len(number) * PITCH + 6, TALL + 24)
    pointed = f"{number[:-1]}.{number[-1]}"
    assert reader.read(Picture(meter(number, small=1)), View(small, len(number))).text == pointed
    assert reader.read(Picture(meter(number)), View(place(number), len(number))).text == number


@pytest.mark.parametrize("number", ["003786.4", "5123.0", "0031"])
def test_another_number_of_digits_than_was_told_is_refused(reader: Reader, number: str):
    digits = len(number.replace(".", ""))
    whole = reader.read(Picture(meter(number)), View(place(number), digits))
    assert (whole.text, whole.refused) == (number, None)
    for told in (digits - 1, digits + 1):
        assert reader.read(Picture(meter(number)), View(place(number), told)).refused is not None


@pytest.mark.parametrize("number", ["003786.4", "004347", "70433.52"])
def test_a_display_that_stands_on_its_head_is_refused(reader: Reader, number: str):
    scene = np.ascontiguousarray(cv2.rotate(meter(number), cv2.ROTATE_180))
    left, top, right, bottom = *place(number)[0], *place(number)[2]
    turned = of_box(scene.shape[1] - right, scene.shape[0] - bottom, right - left, bottom - top)
    view = View(turned, len(number.replace(".", "")), len(number.partition(".")[2]))
    assert reader.read(Picture(scene), view).refused is not None


@pytest.mark.parametrize("shadow", [0, 18, 45])
@pytest.mark.parametrize("digits", [5, 6, 8])
def test_a_display_that_is_off_gives_no_reading(reader: Reader, shadow: int, digits: int):
    scene = meter("", blanks=digits)
    scene[:, : LEFT + 2 * PITCH] = np.clip(scene[:, : LEFT + 2 * PITCH].astype(int) - shadow, 0, 255)
    outcome = reader.read(Picture(scene), View(place("", blanks=digits), digits, 0))
    assert outcome.refused is not None


@pytest.mark.parametrize("number", ["109.81", "247.11", "13.001"])
def test_a_narrow_last_digit_is_not_overlooked(reader: Reader, number: str):
    outcome = reader.read(Picture(meter(number)), View())
    assert outcome.text == number or outcome.refused is not None
