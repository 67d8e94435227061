"""The recogniser reads displays that it has never seen, and knows when it does not."""

from importlib import resources

import cv2
import numpy as np
import pytest

from ocr.recognise import Recogniser
from ocr.recognise.reader import WEIGHTS
from ocr.training.strips import render


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser()


def test_the_weights_fit_their_share_of_a_megabyte():
    rooms = {"ocr.recognise": WEIGHTS, "ocr.locate": ("lines.onnx",)}
    files = [resources.files(room).joinpath(name) for room, names in rooms.items() for name in names]
    assert sum(len(file.read_bytes()) for file in files) <= 1_000_000


@pytest.mark.slow
def test_confident_readings_of_own_renderings_are_right(recogniser):
    strips = [strip for strip in (render(50_000 + i, 192) for i in range(180)) if strip.text]
    sure = wrong = 0
    for strip in strips:
        truth = strip.text.replace(".", "")
        read = recogniser.read(cv2.cvtColor(strip.image, cv2.COLOR_GRAY2BGR), digits=len(truth))
        if read.confidence > 0.99:
            sure += 1
            wrong += read.text.replace(".", "") != truth
    assert sure >= 75  # the dice make many strips that nobody can read
    assert wrong <= sure * 0.03


def test_the_profile_sets_the_point(recogniser):
    strip = cv2.cvtColor(render(50_002, 192).image, cv2.COLOR_GRAY2BGR)
    read = recogniser.read(strip, digits=5, decimals=2)
    assert len(read.text) == 6
    assert read.text[-3] == "."
    assert len(read.digits) == 5
    assert all(one.left < one.right for one in read.digits)


@pytest.mark.parametrize("shape", [(3, 200, 3), (40, 2, 3), (5, 900, 3), (600, 8, 3), (32, 128, 3)])
def test_a_strip_without_a_number_is_no_certain_reading(recogniser, shape):
    read = recogniser.read(np.full(shape, 130, np.uint8), digits=6)
    assert min(read.confidence, read.counted) < 0.03  # either is enough for the judge
