"""Spoils good photos so that nobody should believe them: what is accepted and is not what was shown is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np

from ocr import picture
from ocr.bench.labels import Label
from ocr.bench.modes import Result, read
from ocr.bench.robust import Case
from ocr.corners import sides
from ocr.outcome import Outcome
from ocr.picture import Picture, Pixels
from ocr.reader import Reader, View

Spoiler = Callable[[Case], Case]


def spoilt(reader: Reader, labels: Sequence[Label]) -> Iterator[Result]:
    """Every spoiling of every good photo, and a number of digits that the display does not have."""
    for label in labels:
        if label.quality != "ok":
            continue
        seen = picture.load(label.path)
        case = Case(seen.pixels, label.corners(seen) * np.float32(seen.scale))
        for name, spoil in SPOILERS.items():
            worse = spoil(case)
            yield Result(name, label, *_read(reader, worse, label, 0))
        for more in (-1, 1):
            if label.decimals < len(label.digits) + more:
                yield Result(f"{more:+d} digit", label, *_read(reader, case, label, more))


def _read(reader: Reader, case: Case, label: Label, more: int) -> tuple[Outcome, float]:
    view = View(case.corners, len(label.digits) + more, label.decimals)
    return read(reader, Picture(case.pixels), view)


def _upside_down(case: Case) -> Case:
    turned = np.asarray(cv2.rotate(case.pixels, cv2.ROTATE_180), np.uint8)
    size = np.array(case.pixels.shape[1::-1], np.float32)
    return Case(turned, (size - case.corners)[[2, 3, 0, 1]])


def _over_exposed(case: Case) -> Case:
    return Case(np.asarray(cv2.convertScaleAbs(case.pixels, alpha=5, beta=60), np.uint8), case.corners)


def _out_of_focus(case: Case) -> Case:
    return Case(np.asarray(cv2.GaussianBlur(case.pixels, (0, 0), sides(case.corners)[1] / 5), np.uint8), case.corners)


def _part(case: Case, left: float, right: float) -> Pixels:
    """255 over a part of the display, by shares of its width."""
    top_left, top_right, bottom_right, bottom_left = case.corners
    area = [
        top_left + left * (top_right - top_left),
        top_left + right * (top_right - top_left),
        bottom_left + right * (bottom_right - bottom_left),
        bottom_left + left * (bottom_right - bottom_left),
    ]
    mask = np.zeros(case.pixels.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, np.rint(np.array(area)).astype(np.int32), 255)
    return mask


def _covered(case: Case) -> Case:
    """Something dark lies over the last third."""
    pixels = case.pixels.copy()
    pixels[_part(case, 0.66, 1.2) > 0] = (25, 30, 35)
    return Case(pixels, case.corners)


def _blank(case: Case) -> Case:
    """The display is off: only its ground is seen."""
    mask = _part(case, 0, 1)
    ground = cv2.GaussianBlur(case.pixels, (0, 0), max(1.0, sides(case.corners)[1] / 1.5))
    return Case(np.where(mask[..., None] > 0, ground, case.pixels).astype(np.uint8), case.corners)


def _half_lit(case: Case) -> Case:
    """The left half has nearly no contrast."""
    mask = _part(case, -0.2, 0.5)
    faint = cv2.addWeighted(case.pixels, 0.06, _blank(case).pixels, 0.94, 0)
    return Case(np.where(mask[..., None] > 0, faint, case.pixels).astype(np.uint8), case.corners)


SPOILERS: dict[str, Spoiler] = {
    "upside down": _upside_down,
    "over-exposed": _over_exposed,
    "out of focus": _out_of_focus,
    "covered": _covered,
    "off": _blank,
    "half-lit": _half_lit,
}
