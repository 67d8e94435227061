"""Straightens a display that is seen askew: four corners become an upright strip."""

from __future__ import annotations

import cv2
import numpy as np

from ocr.corners import Corners, of_box, sides
from ocr.picture import Picture, Pixels

#: A strip is not made higher than this: digits gain nothing by it.
HIGHEST = 160
#: Nor wider: the widest display has some twelve places.
WIDEST = 1600


def to_strip(picture: Picture, corners: Corners) -> Pixels:
    """The display as an upright strip."""
    inside = corners * np.float32(picture.scale)
    width, height = sides(inside)
    factor = min(1.0, HIGHEST / max(height, 1.0), WIDEST / max(width, 1.0))
    size = max(8, round(width * factor)), max(8, round(height * factor))
    source, factor = _smaller(picture.pixels, factor)
    onto = of_box(0, 0, *size)
    # The centre of the first pixel is (0, 0) to warpPerspective, and (0.5, 0.5) to who measures with a ruler.
    turn = cv2.getPerspectiveTransform(inside * np.float32(factor) - np.float32(0.5), onto - np.float32(0.5))
    strip = cv2.warpPerspective(source, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(strip, np.uint8)


def _smaller(pixels: Pixels, factor: float) -> tuple[Pixels, float]:
    """Shrinks by averaging before the warp, which looks at four pixels only and would leave a pattern."""
    if factor > 0.6:
        return pixels, 1.0
    return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8), factor
