"""Draws photos of meters: a housing with print on it, a window, and seven-segment digits of plain shape."""

from __future__ import annotations

import cv2
import numpy as np

from ocr.corners import Corners, of_box
from ocr.explain import SEGMENTS, STROKES

WIDTH, HEIGHT = 640, 480
LEFT, TOP, PITCH, TALL = 190, 200, 38, 54


def meter(number: str, seed: int = 1, led: bool = False, blanks: int = 0, small: int = 0) -> np.ndarray:
    """A photo of a meter that shows the number, with so many unlit places on its left and so many small last digits."""
    dice = np.random.default_rng(seed)
    scene = np.full((HEIGHT, WIDTH, 3), dice.integers(150, 215), np.uint8)
    for _ in range(26):
        x, y, shade = int(dice.integers(0, WIDTH)), int(dice.integers(0, HEIGHT)), int(dice.integers(0, 255))
        if dice.random() < 0.4:
            cv2.circle(scene, (x, y), int(dice.integers(4, 16)), (shade,) * 3, -1, cv2.LINE_AA)
        else:
            cv2.putText(scene, "IEC 62053 Cl.1", (x, y), 0, 0.45, (shade,) * 3, 1, cv2.LINE_AA)
    ground, ink = ((20, 16, 18), (60, 70, 250)) if led else ((150, 180, 165), (40, 46, 42))
    places = blanks + len(number.replace(".", ""))
    window = (LEFT - 26, TOP - 26), (LEFT + places * PITCH + 26, TOP + TALL + 26)
    cv2.rectangle(scene, *window, ground, -1)
    cv2.rectangle(scene, *window, (60, 60, 60), 3)
    at = LEFT + blanks * PITCH
    for k, mark in enumerate(number):
        if mark == ".":
            cv2.circle(scene, (at - 5, TOP + TALL + 1), 3, ink, -1, cv2.LINE_AA)
            continue
        size = 0.6 if k >= len(number) - small else 1.0
        _digit(scene, mark, at, ink, size)
        at += round(PITCH * size)
    soft = cv2.GaussianBlur(scene, (0, 0), 0.9)
    return np.clip(soft + dice.normal(0, 2, scene.shape), 0, 255).astype(np.uint8)


def place(number: str, blanks: int = 0) -> Corners:
    """Where the digits are in it."""
    places = blanks + len(number.replace(".", ""))
    return of_box(LEFT - 14, TOP - 12, places * PITCH + 18, TALL + 24)


def _digit(scene: np.ndarray, value: str, left: int, ink: tuple[int, int, int], size: float) -> None:
    wide, tall = 24 * size, TALL * size
    for name in SEGMENTS[value]:
        (x1, y1), (x2, y2) = STROKES[name]
        # A gap at either end, as between real segments.
        dx, dy = np.sign(x2 - x1) * 4 * size, np.sign(y2 - y1) * 4 * size
        start = left + x1 * wide + dx, TOP + TALL - tall + y1 * tall / 2 + dy
        end = left + x2 * wide - dx, TOP + TALL - tall + y2 * tall / 2 - dy
        cv2.line(scene, tuple(map(int, start)), tuple(map(int, end)), ink, round(6 * size), cv2.LINE_AA)
