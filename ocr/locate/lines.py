"""Reads lines of digits out of the network's answers (their meaning: ocr/training/locate_targets.py)."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

CELL = 4  # pixels to a side that one answer stands for
UNIT = 16.0  # pixels of digit height whose logarithm is 0
BAND = 0.5  # height of the middle band, in digit heights
INSET = 0.25  # and how far from the line's ends it stays
FAR = 3.0  # ends further away are not told
SEEN = 0.3  # a cell belongs to a line
SURE = 0.5  # and one of its cells at least must be as sure as this
FEWEST = 2  # cells

Grid = NDArray[Any]


def lines(answers: Grid) -> list[tuple[float, Grid]]:
    """Score and corners (tl, tr, br, bl) in pixels of the network's picture, best first."""
    score = 1 / (1 + np.exp(-answers[0]))
    count, labels, stats, _ = cv2.connectedComponentsWithStats((score > SEEN).astype(np.uint8), connectivity=8)
    found = []
    for label in range(1, count):
        x, y, w, h, cells = stats[label]
        here = np.s_[y : y + h, x : x + w]
        inside = labels[here] == label
        sure = score[here][inside]
        if cells < FEWEST or sure.max() < SURE:
            continue
        rows, columns = np.nonzero(inside)
        points = np.stack([columns + x, rows + y], axis=1) * CELL + (CELL - 1) / 2
        found.append((_confidence(sure), _corners(points, answers[1:, y : y + h, x : x + w][:, inside], sure)))
    return sorted(found, key=lambda line: -line[0])


def _confidence(sure: Grid) -> float:
    """The mean of the surer half: the rim of a band is never sure."""
    return float(np.sort(sure)[len(sure) // 2 :].mean())


def _corners(points: Grid, answers: Grid, sure: Grid) -> Grid:
    tall = UNIT * np.exp(np.clip(answers[0], -2, 4))
    height = float(np.average(tall, weights=sure))
    down = np.average(answers[3:5], axis=1, weights=sure)
    down = down / (np.linalg.norm(down) + 1e-6)
    middles = points + (answers[1:3] * tall).T
    axis = _axis(middles, down, height, sure)
    centre = np.average(middles, axis=0, weights=sure)
    along = (middles - centre) @ axis
    start = _end(along, -answers[5] * tall, answers[5], sure, -1)
    end = _end(along, answers[6] * tall, answers[6], sure, 1)
    slope = _taper(along, tall, height, sure)
    corners = []
    for at, side in ((start, -1), (end, -1), (end, 1), (start, 1)):
        corners.append(centre + axis * at + down * side * (height + slope * at) / 2)
    return np.array(corners)


def _axis(middles: Grid, down: Grid, height: float, sure: Grid) -> Grid:
    """Direction of reading: through the middles where the line is long, else square to the digits."""
    square = np.array([down[1], -down[0]])
    moved = middles - np.average(middles, axis=0, weights=sure)
    along = moved @ square
    if along.max() - along.min() < 1.5 * height:
        return square
    rise = float(np.sum(sure * along * (moved @ down)) / np.sum(sure * along * along))
    axis = square + np.clip(rise, -0.5, 0.5) * down
    return np.asarray(axis / np.linalg.norm(axis))


def _taper(along: Grid, tall: Grid, height: float, sure: Grid) -> float:
    """By how much the digits grow along the line, as seen from aside."""
    if along.max() - along.min() < 2 * height:
        return 0.0
    moved = along - np.average(along, weights=sure)
    slope = float(np.sum(sure * moved * (tall - height)) / np.sum(sure * moved * moved))
    return float(np.clip(slope, -0.15, 0.15))


def _end(along: Grid, way: Grid, heights: Grid, sure: Grid, side: int) -> float:
    """Where the cells near an end say that it is; a far one knows only that it is far."""
    order = np.argsort(-side * along)
    nearest = order[: max(2, len(order) // 8)]
    near = nearest[heights[nearest] < FAR * 0.85]
    votes = nearest if len(near) == 0 else near
    return float(np.average(along[votes] + way[votes], weights=sure[votes]))
