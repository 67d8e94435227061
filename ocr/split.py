"""Splits a strip into the boxes of its digits: the recogniser tells left and right, the ink tells top and bottom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from ocr.picture import Pixels


class Box(NamedTuple):
    """A box in a strip, in pixels."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """What of a strip is digit: `mask` is 255 there; `bright` where digits shine on a dark ground."""

    mask: Pixels
    bright: bool


def plainest(strip: Pixels) -> Pixels:
    """The colour channel in which bright and dark lie farthest apart: red digits hardly show in grey."""
    low, high = np.percentile(strip.reshape(-1, 3), (2, 98), axis=0)
    return np.ascontiguousarray(strip[:, :, int((high - low).argmax())])


def ink(strip: Pixels) -> Ink:
    """Tells digits from ground: strokes are thin, so that closing or opening by more than their width removes them."""
    channel = plainest(strip)
    side = max(3, channel.shape[0] // 4) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
    dark = cv2.morphologyEx(channel, cv2.MORPH_BLACKHAT, kernel)
    bright = cv2.morphologyEx(channel, cv2.MORPH_TOPHAT, kernel)
    shines = float(np.percentile(bright, 95)) > float(np.percentile(dark, 95))
    _, mask = cv2.threshold(bright if shines else dark, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return Ink(np.asarray(mask, np.uint8), shines)


def boxes(strip: Pixels, places: Sequence[tuple[float, float]]) -> list[Box]:
    """The boxes of digits whose left and right are known, in shares of the strip's width."""
    height, width = strip.shape[:2]
    if not places:
        return []
    mask = ink(strip).mask
    columns = [
        (max(0, round(left * width)), min(width, max(round(left * width) + 1, round(right * width))))
        for left, right in places
    ]
    share = np.mean([(mask[:, left:right] > 0).mean(axis=1) for left, right in columns], axis=0)
    rows = np.flatnonzero(share > 0.15 * max(float(share.max()), 1e-6))
    top, bottom = (int(rows[0]), int(rows[-1]) + 1) if rows.size else (0, height)
    return [Box(left, top, right, bottom) for left, right in columns]
