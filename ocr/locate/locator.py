"""Looks for places with the strong vertical and horizontal strokes of a digit line, darker or lighter than around."""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.locate.found import Found

LONG_SIDE = 480
MOST = 5
MARGIN = 0.15

Image = NDArray[Any]


class Locator:
    """Finds the lines of digits, best first."""

    def find(self, image: Image) -> list[Found]:
        """At most five lines; none when no display is seen."""
        if image.size == 0:
            return []
        grey = image if image.ndim == 2 else cv2.cvtColor(image[:, :, :3], cv2.COLOR_BGR2GRAY)
        scale = LONG_SIDE / max(grey.shape)
        size = tuple(max(8, round(side * scale)) for side in grey.shape[1::-1])
        small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        x_y = np.array([grey.shape[1] / size[0], grey.shape[0] / size[1]])
        lines = sorted(_lines(small), key=lambda line: -line[0])
        kept: list[tuple[float, NDArray[Any]]] = []
        for score, corners in lines:
            if all(_overlap(corners, other) < 0.4 for _, other in kept):
                kept.append((score, corners))
        return [_found(corners * x_y, score) for score, corners in kept[:MOST]]


def _lines(grey: Image) -> Iterator[tuple[float, NDArray[Any]]]:
    """Groups of strokes that form a band, by three stroke widths and both polarities."""
    for stroke in (5, 11, 25):
        kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (stroke * 2 + 1, stroke * 2 + 1))
        for kind in (cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT):
            hat = cv2.morphologyEx(grey, kind, kernel)
            _, ink = cv2.threshold(hat, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
            band = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, stroke * 2), np.uint8))
            contours, _ = cv2.findContours(band, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
            for contour in contours:
                corners = _upright(contour)
                width = float(np.linalg.norm(corners[1] - corners[0]))
                height = float(np.linalg.norm(corners[3] - corners[0]))
                if height < 8 or not 1.2 < width / height < 12:
                    continue
                x, y, w, h = cv2.boundingRect(contour)
                filled = float(ink[y : y + h, x : x + w].mean()) / 255
                strength = float(hat[y : y + h, x : x + w].std()) / 64
                fit = 1 - min(1.0, abs(filled - 0.35) / 0.35)
                yield min(1.0, fit * strength * min(1.0, height / 40)), corners


def _upright(contour: NDArray[Any]) -> NDArray[Any]:
    """The rectangle around a contour, its long side lying."""
    (x, y), (w, h), angle = cv2.minAreaRect(contour)
    if w < h:
        w, h, angle = h, w, angle - 90
    turn = np.deg2rad((angle + 90) % 180 - 90)
    grow = MARGIN * h
    along = np.array([np.cos(turn), np.sin(turn)]) * (w / 2 + grow)
    down = np.array([-np.sin(turn), np.cos(turn)]) * (h / 2 + grow)
    centre = np.array([x, y])
    return np.stack([centre - along - down, centre + along - down, centre + along + down, centre - along + down])


def _overlap(one: NDArray[Any], other: NDArray[Any]) -> float:
    shared, _ = cv2.intersectConvexConvex(one.astype(np.float32), other.astype(np.float32))
    smaller = min(cv2.contourArea(one.astype(np.float32)), cv2.contourArea(other.astype(np.float32)))
    return float(shared) / max(1.0, smaller)


def _found(corners: NDArray[Any], score: float) -> Found:
    tl, tr, br, bl = ((float(x), float(y)) for x, y in corners)
    return Found((tl, tr, br, bl), score)
