"""Reads each photo again under worse conditions: light, tilt, shift, compression, noise, blur, size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ocr import picture
from ocr.bench.labels import Label
from ocr.bench.modes import Result, read
from ocr.corners import Corners, sides
from ocr.picture import Picture, Pixels
from ocr.reader import Reader, View

SEED = 5


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A photo and the corners that are said to be those of its display."""

    pixels: Pixels
    corners: Corners


Change = Callable[[Case], Case]


def robust(reader: Reader, labels: Sequence[Label]) -> Iterator[Result]:
    """Every change of every good photo, place and counts given as in the mode `calibrated`."""
    for label in labels:
        if label.quality != "ok":
            continue
        seen = picture.load(label.path)
        # Corners belong to the file's pixels, changes to those that were kept of it.
        case = Case(seen.pixels, label.corners(seen) * np.float32(seen.scale))
        for name, change in CHANGES.items():
            worse = change(case)
            view = View(worse.corners, len(label.digits), label.decimals)
            yield Result(name, label, *read(reader, Picture(worse.pixels), view))


def _light(factor: float) -> Change:
    return lambda case: Case(cv2.convertScaleAbs(case.pixels, alpha=factor).astype(np.uint8), case.corners)


def _tilt(degrees: float) -> Change:
    """The photo is turned about the display; nobody tells the corners."""

    def turn(case: Case) -> Case:
        x, y = (float(side) for side in case.corners.mean(axis=0))
        matrix = cv2.getRotationMatrix2D((x, y), degrees, 1.0)
        size = case.pixels.shape[1], case.pixels.shape[0]
        turned = cv2.warpAffine(case.pixels, matrix, size, borderMode=cv2.BORDER_REPLICATE)
        return Case(np.asarray(turned, np.uint8), case.corners)

    return turn


def _shift(right: float, down: float) -> Change:
    """The corners are off by shares of the display's width and height."""

    def shift(case: Case) -> Case:
        width, height = sides(case.corners)
        return Case(case.pixels, case.corners + np.array([right * width, down * height], np.float32))

    return shift


def _jpeg(case: Case) -> Case:
    data = cv2.imencode(".jpg", case.pixels, [cv2.IMWRITE_JPEG_QUALITY, 40])[1]
    return Case(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8), case.corners)


def _noise(case: Case) -> Case:
    noise = np.random.default_rng(SEED).normal(0, 8, case.pixels.shape)
    return Case(np.clip(case.pixels + noise, 0, 255).astype(np.uint8), case.corners)


def _blur(case: Case) -> Case:
    return Case(np.asarray(cv2.blur(case.pixels, (3, 3)), np.uint8), case.corners)


def _size(factor: float) -> Change:
    def resize(case: Case) -> Case:
        way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
        pixels = cv2.resize(case.pixels, None, fx=factor, fy=factor, interpolation=way)
        return Case(np.asarray(pixels, np.uint8), case.corners * np.float32(factor))

    return resize


CHANGES: dict[str, Change] = {
    "light x0.5": _light(0.5),
    "light x0.8": _light(0.8),
    "light x1.25": _light(1.25),
    "light x1.6": _light(1.6),
    "tilt +3": _tilt(3),
    "tilt -3": _tilt(-3),
    "shift +3 +3": _shift(0.03, 0.03),
    "shift -3 -3": _shift(-0.03, -0.03),
    "JPEG 40": _jpeg,
    "noise 8": _noise,
    "blur 3": _blur,
    "size x0.5": _size(0.5),
    "size x2": _size(2),
}
