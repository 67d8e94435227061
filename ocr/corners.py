"""Holds the four corners of a display in a picture: top left, top right, bottom right, bottom left."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.errors import RequestError
from ocr.picture import Picture

Corners: TypeAlias = NDArray[np.float32]


def of_box(x: float, y: float, width: float, height: float) -> Corners:
    """The corners of an upright box."""
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], np.float32)


def of_whole(picture: Picture) -> Corners:
    """The whole picture is the display."""
    return of_box(0, 0, picture.width, picture.height)


def check(corners: Corners, picture: Picture) -> None:
    """Refuses corners that go round the wrong way, enclose nothing, or lie outside the picture."""
    if not np.isfinite(corners).all() or not cv2.isContourConvex(corners.reshape(4, 1, 2)):
        raise RequestError("the four corners do not enclose a display", "give them clockwise from the top left")
    if cv2.contourArea(corners, oriented=True) <= 0:
        raise RequestError("the corners go round anticlockwise", "give them clockwise from the top left")
    low, high = corners.min(axis=0), corners.max(axis=0)
    size = np.array([picture.width, picture.height])
    if (high <= 0).any() or (low >= size).any():
        raise RequestError(f"the corners lie outside the picture of {picture.width} x {picture.height} pixels")
    if (low < -0.5 * size).any() or (high > 1.5 * size).any():
        raise RequestError(f"the corners lie far outside the picture of {picture.width} x {picture.height} pixels")


def sides(corners: Corners) -> tuple[float, float]:
    """Mean width and mean height of the display, in pixels."""
    top_left, top_right, bottom_right, bottom_left = corners
    width = np.linalg.norm(top_right - top_left) + np.linalg.norm(bottom_right - bottom_left)
    height = np.linalg.norm(bottom_left - top_left) + np.linalg.norm(bottom_right - top_right)
    return float(width) / 2, float(height) / 2
