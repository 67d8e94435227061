"""Finds lines of digits with a small network, once in the whole picture and, where they are small, once more nearer."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.locate.found import Found
from ocr.locate.lines import lines
from ocr.locate.prepare import network_size, planes

WEIGHTS = Path(__file__).with_name("lines.onnx")
LONG_SIDES = (320, 512)  # pixels; from what size on a second look is worth its time
MOST = 5
MARGIN = 0.15  # of the digits' height, around them
SAME = 0.4  # of the smaller one's area shared: one line seen twice
CROPPED = 2.4  # times as wide as high: somebody has cut this picture around a display already
CROP_SCORE = 0.3  # how sure that is when no line was seen in it
BLANK = 4.0  # grey levels of deviation that a display has at least

Image = NDArray[Any]
Line = tuple[float, NDArray[Any]]


class Locator:
    """Finds the lines of digits, best first."""

    def __init__(self) -> None:
        self._net = cv2.dnn.readNetFromONNX(str(WEIGHTS))

    def find(self, image: Image) -> list[Found]:
        """At most five lines; none when no display is seen."""
        if image.size == 0:
            return []
        seen: list[Line] = []
        for long_side in LONG_SIDES:
            seen += self._look(_colour(image), long_side)
        return [_found(corners, score) for score, corners in _distinct(seen + _whole(image))[:MOST]]

    def _look(self, image: Image, long_side: int) -> list[Line]:
        height, width = image.shape[:2]
        size = network_size(width, height, long_side)
        shrinks = size[0] < width or size[1] < height
        picture = cv2.resize(image, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        self._net.setInput(planes(picture)[None])
        scale = np.array([width / size[0], height / size[1]])
        return [(score, (corners + 0.5) * scale) for score, corners in lines(self._net.forward()[0])]


def _colour(image: Image) -> Image:
    """Three planes, whatever came."""
    if image.ndim == 2 or image.shape[2] == 1:
        return cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    return image[:, :, :3]


def _whole(image: Image) -> list[Line]:
    """A thin picture may be nothing but the display, too blurred for the network."""
    height, width = image.shape[:2]
    if width < CROPPED * height or cv2.meanStdDev(image)[1].max() < BLANK:
        return []
    inset = height * MARGIN / (1 + 2 * MARGIN)
    left, top, right, low = inset, inset, width - inset, height - inset
    return [(CROP_SCORE, np.array([[left, top], [right, top], [right, low], [left, low]]))]


def _distinct(seen: list[Line]) -> list[Line]:
    """Each line once, as the surest look saw it."""
    kept: list[Line] = []
    for score, corners in sorted(seen, key=lambda line: -line[0]):
        if all(_shared(corners, other) < SAME for _, other in kept):
            kept.append((score, corners))
    return kept


def _shared(one: NDArray[Any], other: NDArray[Any]) -> float:
    first, second = one.astype(np.float32), other.astype(np.float32)
    area, _ = cv2.intersectConvexConvex(first, second)
    return float(area) / max(1e-6, min(cv2.contourArea(first), cv2.contourArea(second)))


def _found(corners: NDArray[Any], score: float) -> Found:
    tl, tr, br, bl = corners
    margin = MARGIN * (np.linalg.norm(bl - tl) + np.linalg.norm(br - tr)) / 2
    along = (tr + br - tl - bl) / (np.linalg.norm(tr + br - tl - bl) + 1e-9) * margin
    down = (bl + br - tl - tr) / (np.linalg.norm(bl + br - tl - tr) + 1e-9) * margin
    grown = (tl - along - down, tr + along - down, br + along + down, bl - along + down)
    a, b, c, d = ((float(x), float(y)) for x, y in grown)
    return Found((a, b, c, d), min(1.0, max(0.0, score)))
