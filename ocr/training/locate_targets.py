"""What the network shall answer for a scene: where the middle of a line of digits runs, and its geometry there.

For each 4 x 4 pixels: 0 a line's middle band is here; 1 logarithm of the digits' height; 2-3 way to the line's centre
line; 4-5 unit vector from the digits' tops to their feet; 6-7 way along the line to its left and right end, at most 3.
Ways are in digit heights.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.locate.lines import BAND, CELL, FAR, INSET, UNIT

Grid = NDArray[Any]
LEAST = 0.75  # a band is never thinner than this to both sides, in cells


def targets(lines: list[Grid], width: int, height: int) -> tuple[Grid, Grid]:
    """Answers (8, h, w), and how much each cell's geometry counts (h, w): every line as much as any other."""
    rows, columns = height // CELL, width // CELL
    answers = np.zeros((8, rows, columns), np.float32)
    weight = np.zeros((rows, columns), np.float32)
    for corners in sorted(lines, key=lambda c: -_height(c)):
        _line(answers, weight, corners)
    return answers, weight


def _height(corners: Grid) -> float:
    return float(np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1])) / 2


def _line(answers: Grid, weight: Grid, corners: Grid) -> None:
    tl, tr, br, bl = corners.astype(np.float64)
    left, right = (tl + bl) / 2, (tr + br) / 2
    length = float(np.linalg.norm(right - left)) + 1e-6
    axis = (right - left) / length
    tall = _height(corners)
    inset = min(INSET * tall, 0.35 * length)
    half = max(BAND * tall / 2, LEAST * CELL)
    down = ((bl - tl) + (br - tr)) / 2
    down = down / (np.linalg.norm(down) + 1e-6)
    start, end = left + axis * inset, right - axis * inset
    band = np.array([start - down * half, end - down * half, end + down * half, start + down * half])
    mask = np.zeros(weight.shape, np.uint8)
    cells = (band + 0.5) / CELL - 0.5
    cv2.fillConvexPoly(mask, np.round(cells * 16).astype(np.int32), 1, cv2.LINE_8, 4)
    y, x = np.nonzero(mask)
    if len(x) == 0:
        return
    points = np.stack([x, y], axis=1) * CELL + (CELL - 1) / 2
    along = (points - left) @ axis
    part = np.clip(along / length, 0, 1)[:, None]
    top, foot = tl + part * (tr - tl), bl + part * (br - bl)
    here = np.linalg.norm(foot - top, axis=1, keepdims=True) + 1e-6
    values = np.concatenate(
        [
            np.log(here / UNIT), ((top + foot) / 2 - points) / here, (foot - top) / here,
            np.clip(along[:, None] / here, -FAR, FAR), np.clip((length - along[:, None]) / here, -FAR, FAR),
        ], axis=1,
    )  # fmt: skip
    answers[0, y, x] = 1
    answers[1:, y, x] = values.T
    weight[y, x] = 1 / len(x)
