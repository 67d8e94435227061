"""Whatever picture comes, the finder answers with a list of sane places and does not raise."""

import numpy as np
import pytest

from ocr.locate import Locator

RNG = np.random.default_rng(5)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((1, 1, 3), np.uint8), np.zeros((1, 900, 3), np.uint8), np.zeros((900, 1, 3), np.uint8),
        np.zeros((0, 0, 3), np.uint8), np.full((480, 640), 128, np.uint8), np.zeros((480, 640, 4), np.uint8),
        np.zeros((480, 640, 1), np.uint8), np.full((30, 200, 3), 255, np.uint8),
        RNG.integers(0, 256, (3000, 4000, 3), dtype=np.uint8), RNG.integers(0, 256, (33, 517, 3), dtype=np.uint8),
    ],
    ids=lambda p: "x".join(map(str, p.shape)),
)  # fmt: skip
def test_odd_pictures_give_at_most_five_finite_places(picture):
    found = Locator().find(picture)
    assert len(found) <= 5
    assert [f.score for f in found] == sorted((f.score for f in found), reverse=True)
    for place in found:
        assert 0 <= place.score <= 1
        assert np.isfinite(place.quad).all()


@pytest.mark.parametrize("shape", [(480, 640, 3), (30, 200, 3)])
@pytest.mark.parametrize("level", [0, 90, 255])
def test_a_covered_or_blinded_camera_sees_no_display(shape, level):
    assert Locator().find(np.full(shape, level, np.uint8)) == []


def test_the_same_picture_gives_the_same_places():
    picture = RNG.integers(0, 256, (200, 300, 3), dtype=np.uint8)
    assert Locator().find(picture) == Locator().find(picture)
