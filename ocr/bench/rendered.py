"""Reads renderings that no training has seen: thousands of them tell how much a confidence is worth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from ocr import corners
from ocr.bench.labels import Label
from ocr.bench.modes import Result, read
from ocr.picture import Picture
from ocr.reader import Reader, View
from ocr.training.strips import render

#: Far from those that are trained on.
FIRST_SEED = 900_000_000
WIDTHS = (128, 160, 192, 224, 256)


def rendered(reader: Reader, count: int) -> Iterator[Result]:
    """So many strips, place and counts given as in the mode `calibrated`."""
    for seed in range(FIRST_SEED, FIRST_SEED + count):
        strip = render(seed, WIDTHS[seed % len(WIDTHS)])
        seen = Picture(np.asarray(cv2.cvtColor(strip.image, cv2.COLOR_GRAY2BGR), np.uint8))
        label = Label("renderings", Path(str(seed)), strip.text, fixed_camera=False, quality="ok", place=None)
        view = View(corners.of_whole(seen), len(label.digits), label.decimals)
        yield Result("rendered", label, *read(reader, seen, view))
