"""Measures how well a strip can be read: light, contrast, sharpness, reflections, and how evenly the digits are lit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ocr.picture import Pixels
from ocr.split import plainest

#: From here on a pixel of a camera is full.
FULL = 250


@dataclass(frozen=True, slots=True)
class Quality:
    """What a strip looks like; levels are of 255, shares of 1."""

    brightest: float  # nearly all pixels are darker
    contrast: float  # between dark and bright, in the colour that shows most of it
    burnt: float  # share of pixels that are full in all colours
    edge: float  # how wide an edge is, as a share of the height of a digit
    evenness: float  # contrast of the faintest digit as a share of the strongest's
    height: float  # of a digit, in pixels of the file


def measure(strip: Pixels, boxes: Sequence[tuple[float, float]], height: float) -> Quality:
    """The quality of a strip, its digits at `boxes` (left and right as shares of its width)."""
    channel = plainest(strip)
    low, high = (float(level) for level in np.percentile(channel, (2, 98)))
    burnt = float((strip.min(axis=2) >= FULL).mean())
    brightest = float(np.percentile(strip.max(axis=2), 98))
    return Quality(brightest, high - low, burnt, _edge(channel), _evenness(channel, boxes), height)


def _edge(channel: Pixels) -> float:
    """A step of the whole contrast over this many heights: contrast divided by the steepest slopes."""
    soft = cv2.GaussianBlur(channel, (0, 0), 0.8).astype(np.float32)
    slope = cv2.magnitude(
        cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=1 / 8)
    )
    steep = float(np.percentile(slope, 98))
    low, high = np.percentile(soft, (2, 98))
    return float(high - low) / max(steep, 0.1) / float(channel.shape[0])


def _evenness(channel: Pixels, boxes: Sequence[tuple[float, float]]) -> float:
    """Digits of one display are equally strong, unless half of it is dark, shaded, or seen from too low."""
    contrasts: list[float] = []
    for left, right in boxes:
        start, end = round(left * channel.shape[1]), round(right * channel.shape[1])
        cell = channel[:, max(0, start) : max(start + 1, end)]
        if cell.size:
            low, high = np.percentile(cell, (5, 95))
            contrasts.append(float(high - low))
    return min(contrasts) / max(contrasts) if len(contrasts) > 1 and max(contrasts) > 0 else 1.0
