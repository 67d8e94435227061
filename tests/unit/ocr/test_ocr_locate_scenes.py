"""The finder of digit lines on scenes that our own renderer draws: displays are found, what is none is left alone."""

import cv2
import numpy as np
import pytest

from ocr.locate import Found, Locator
from ocr.training.scenes import Scene, scene
from ocr.training.scenes_surface import background

SEED = 20261128  # no scene of the training has it


@pytest.fixture(scope="module")
def locator() -> Locator:
    return Locator()


def frames(found: Found, line: np.ndarray) -> bool:
    """The line is inside, with no more around it than the reader copes with: half a digit's height to each side."""
    corners, line = np.float32(found.quad), line.astype(np.float32)
    height = np.linalg.norm(line[3] - line[0])
    width = np.linalg.norm(line[1] - line[0])
    inside, _ = cv2.intersectConvexConvex(corners, line)
    return inside > 0.85 * width * height and cv2.contourArea(corners) < 2 * height * (width + height)


def some_scenes(count: int, width: int, height: int) -> list[Scene]:
    rng = np.random.default_rng(SEED)
    return [scene(rng, width, height) for _ in range(count)]


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height", "least"), [(320, 320, 0.7), (320, 240, 0.7), (320, 64, 0.7)])
def test_most_lines_of_digits_are_found_among_the_first_three(locator, width, height, least):
    hits = []
    for drawn in some_scenes(25, width, height):
        found = locator.find(drawn.picture)[:3]
        hits += [any(frames(f, line) for f in found) for line in drawn.lines]
    assert np.mean(hits) > least


@pytest.mark.slow
def test_walls_and_gardens_give_hardly_anything_sure(locator):
    rng = np.random.default_rng(SEED)
    sure = [any(f.score > 0.8 for f in locator.find(background(rng, 320, 320))) for _ in range(25)]
    assert sum(sure) <= 4


def big_display(turn: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """A dark window with four plain digits in a grey case, turned around its middle."""
    picture = np.full((300, 400, 3), 180, np.uint8)
    cv2.rectangle(picture, (90, 100), (310, 190), (170, 200, 180), -1)
    for x, lit in ((110, "bc"), (155, "abged"), (200, "afgcd"), (245, "abcdefg")):
        for name, (x1, y1, x2, y2) in {
            "a": (0, 0, 26, 6), "g": (0, 27, 26, 33), "d": (0, 54, 26, 60), "f": (0, 2, 6, 29),
            "e": (0, 31, 6, 58), "b": (20, 2, 26, 29), "c": (20, 31, 26, 58),
        }.items():  # fmt: skip
            if name in lit:
                cv2.rectangle(picture, (x + x1, 115 + y1), (x + x2, 115 + y2), (30, 40, 30), -1)
    corners = np.float32([[[130, 115], [271, 115], [271, 175], [130, 175]]])
    move = cv2.getRotationMatrix2D((200, 150), turn, 1)
    return cv2.warpAffine(picture, move, (400, 300), borderValue=(180, 180, 180)), cv2.transform(corners, move)[0]


@pytest.mark.parametrize("turn", [-20, -8, 0, 8, 20])
def test_a_plain_display_is_found_however_the_camera_leans(locator, turn):
    picture, line = big_display(turn)
    best = locator.find(picture)[0]
    assert frames(best, line)
    lean = np.degrees(np.arctan2(best.quad[1][1] - best.quad[0][1], best.quad[1][0] - best.quad[0][0]))
    assert lean == pytest.approx(-turn, abs=6)


@pytest.mark.slow
def test_it_is_found_at_any_size_and_in_either_polarity(locator):
    picture, line = big_display()
    for scale in (0.4, 2.0, 10.0):
        for shown in (picture, 255 - picture):
            image = cv2.resize(shown, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            assert frames(locator.find(image)[0], line * scale)


def test_a_tight_crop_is_itself_the_answer(locator):
    picture, _ = big_display()
    crop = picture[105:185, 100:295]
    best = locator.find(crop)[0]
    assert frames(best, np.float32([[30, 10], [171, 10], [171, 70], [30, 70]]))
