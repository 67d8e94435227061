"""A display that is seen askew becomes upright, and one that moved is found again, or is not the same any more."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr import corners
from ocr.errors import RequestError
from ocr.picture import Picture
from ocr.profile import Profile
from ocr.straighten import align
from ocr.straighten.strip import to_strip


def meter(seed: int, number: str = "12345") -> np.ndarray:
    """A housing with print, screws and labels as every one has its own, and a display in it."""
    dice = np.random.default_rng(seed)
    scene = np.full((480, 640, 3), dice.integers(120, 220), np.uint8)
    for _ in range(30):
        x, y = int(dice.integers(0, 640)), int(dice.integers(0, 480))
        shade = int(dice.integers(0, 255))
        if dice.random() < 0.5:
            cv2.circle(scene, (x, y), int(dice.integers(4, 30)), (shade, shade, shade), -1)
        else:
            cv2.putText(scene, f"No {dice.integers(1000, 9999)}", (x, y), 0, 0.7, (shade, shade, shade), 2)
    cv2.rectangle(scene, (180, 190), (460, 270), (160, 190, 170), -1)
    cv2.putText(scene, number, (200, 255), 0, 2, (30, 40, 30), 5)
    return scene


CORNERS = corners.of_box(180, 190, 280, 80)


def profile_of(scene: np.ndarray) -> Profile:
    around = align.remember(Picture(scene), CORNERS)
    assert around is not None
    return Profile(640, 480, CORNERS, 5, 0, surroundings=around)


def moved(scene: np.ndarray, degrees: float, x: float, y: float) -> tuple[np.ndarray, np.ndarray]:
    turn = cv2.getRotationMatrix2D((320, 240), degrees, 1.0) + np.array([[0, 0, x], [0, 0, y]])
    there = cv2.transform(CORNERS.reshape(1, 4, 2), turn).reshape(4, 2)
    return cv2.warpAffine(scene, turn, (640, 480), borderMode=cv2.BORDER_REFLECT), there


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("degrees", "x", "y"), [(0, 0, 0), (0, 25, -18), (3, 0, 0), (-3, 8, 6), (1, -20, 12)])
def test_a_display_that_moved_a_little_is_found(seed: int, degrees: float, x: float, y: float):
    scene, there = moved(meter(seed, "54321"), degrees, x, y)
    found = align.align(Picture(scene), profile_of(meter(seed)))
    assert found is not None
    assert found.correlation > 0.8
    assert np.abs(found.corners - there).max() < 4


def test_light_and_resolution_may_change():
    profile = profile_of(meter(1))
    dim = (meter(1, "88888") * 0.4).astype(np.uint8)
    for scene in (dim, cv2.resize(dim, None, fx=0.5, fy=0.5), cv2.resize(dim, None, fx=2, fy=2)):
        found = align.align(Picture(scene), profile)
        assert found is not None
        assert found.correlation > 0.8
        assert np.abs(found.corners * 640 / scene.shape[1] - CORNERS).max() < 3


@pytest.mark.parametrize(
    "scene",
    [meter(2), meter(1)[::-1, ::-1], np.zeros((480, 640, 3), np.uint8), np.full((480, 640, 3), 255, np.uint8)],
    ids=["another meter", "upside down", "dark", "covered"],
)
def test_what_is_not_the_same_does_not_fit(scene: np.ndarray):
    found = align.align(Picture(np.ascontiguousarray(scene)), profile_of(meter(1)))
    assert found is not None
    assert found.correlation < 0.6


def test_a_picture_of_another_shape_does_not_fit():
    assert align.align(Picture(meter(1)[:, :480]), profile_of(meter(1))) is None


def test_a_picture_that_is_all_display_has_nothing_around_it():
    crop = meter(1)[190:270, 180:460]
    assert align.remember(Picture(crop), corners.of_box(0, 0, 280, 80)) is None


def test_an_oblique_display_becomes_upright():
    scene = meter(3)
    askew = np.array([(150, 200), (480, 150), (470, 250), (160, 290)], np.float32)
    turn = cv2.getPerspectiveTransform(CORNERS, askew)
    strip = to_strip(Picture(cv2.warpPerspective(scene, turn, (640, 480))), askew)
    straight = cv2.resize(scene[190:270, 180:460], strip.shape[1::-1])
    assert np.abs(strip.astype(int) - straight).mean() < 12


def test_a_huge_display_becomes_a_strip_of_bounded_size():
    strip = to_strip(Picture(np.zeros((3000, 4000, 3), np.uint8)), corners.of_box(0, 0, 4000, 3000))
    assert strip.size < 1_000_000


@pytest.mark.parametrize(
    ("four", "sentence"),
    [
        ([(0, 0), (90, 90), (90, 0), (0, 90)], "do not enclose"),
        ([(5, 5), (5, 5), (5, 5), (5, 5)], "do not enclose"),
        ([(0, 0), (0, 60), (90, 60), (90, 0)], "anticlockwise"),
        ([(200, 0), (290, 0), (290, 60), (200, 60)], "outside the picture of 100 x 80"),
        ([(0, 0), (9000, 0), (9000, 60), (0, 60)], "far outside the picture"),
    ],
)
def test_corners_that_make_no_sense_are_refused(four: list[tuple[float, float]], sentence: str):
    with pytest.raises(RequestError, match=sentence):
        corners.check(np.array(four, np.float32), Picture(np.zeros((80, 100, 3), np.uint8)))
