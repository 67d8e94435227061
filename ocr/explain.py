"""Draws what was seen: the corners in the picture, the strip with its digits, their segments, and what is doubted."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from ocr import split
from ocr.errors import RequestError
from ocr.outcome import Outcome
from ocr.picture import Picture, Pixels
from ocr.split import Box

WIDTH = 900
#: Below this a digit is drawn as doubted.
CERTAIN = 0.98
GROUND = (32, 32, 32)
PALE = (230, 230, 230)
SURE = (120, 200, 60)
DOUBTED = (40, 140, 255)
#: Segments a to g of each digit (DIN 66233-1 shapes as most displays draw them).
SEGMENTS = {
    "0": "abcdef", "1": "bc", "2": "abged", "3": "abgcd", "4": "fgbc",
    "5": "afgcd", "6": "afgcde", "7": "abc", "8": "abcdefg", "9": "abcdfg",
}  # fmt: skip
#: Where a segment begins and ends in a cell of 1 x 2.
STROKES = {
    "a": ((0, 0), (1, 0)), "b": ((1, 0), (1, 1)), "c": ((1, 1), (1, 2)), "d": ((0, 2), (1, 2)),
    "e": ((0, 1), (0, 2)), "f": ((0, 0), (0, 1)), "g": ((0, 1), (1, 1)),
}  # fmt: skip


def draw(picture: Picture, outcome: Outcome) -> Pixels:
    """One picture of all that led to the outcome."""
    parts = [_scene(picture, outcome)]
    if outcome.strip is not None:
        parts.append(_strip(outcome.strip, outcome))
    parts.append(_words(outcome))
    return np.vstack(parts)


def write(drawn: Pixels, path: Path) -> None:
    """Writes a drawing; the suffix tells the format."""
    try:
        done, data = cv2.imencode(path.suffix or ".png", drawn)
    except cv2.error:
        done = False
    if not done:
        raise RequestError(f"{path}: this format cannot be written", "end the name in .png")
    try:
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise RequestError(f"{path}: {error.strerror or error}") from None


def _scene(picture: Picture, outcome: Outcome) -> Pixels:
    """The whole picture with the four corners."""
    factor = min(WIDTH / picture.pixels.shape[1], WIDTH / picture.pixels.shape[0], 4.0)
    small = cv2.resize(picture.pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    scene = _ground(small.shape[0])
    scene[:, : small.shape[1]] = small
    if outcome.corners is not None:
        points = np.rint(outcome.corners * picture.scale * factor).astype(np.int32)
        cv2.polylines(scene, [points], True, SURE if outcome.refused is None else DOUBTED, 2, cv2.LINE_AA)
        for number, (x, y) in enumerate(points.tolist(), start=1):
            _write(scene, str(number), (x + 3, y - 4), SURE)
    return scene


def _strip(strip: Pixels, outcome: Outcome) -> Pixels:
    """The straightened display, a box around each digit, and under it how it was understood."""
    factor = WIDTH / strip.shape[1]
    shown = cv2.resize(strip, (WIDTH, max(1, round(strip.shape[0] * factor))), interpolation=cv2.INTER_LINEAR)
    under = _ground(110)
    for seen, box in zip(outcome.digits, split.boxes(strip, [(d.left, d.right) for d in outcome.digits]), strict=True):
        left, top, right, bottom = (round(side * factor) for side in box)
        colour = SURE if seen.confidence >= CERTAIN else DOUBTED
        cv2.rectangle(shown, (left, top), (right, bottom), colour, 2)
        middle = (left + right) // 2
        _segments(under, seen.value, Box(middle - 14, 14, middle + 14, 70), colour)
        _write(under, f"{seen.confidence:.1%}", (middle - 26, 98), colour)
    return np.vstack([np.asarray(shown, np.uint8), under])


def _segments(onto: Pixels, value: str, box: Box, colour: tuple[int, int, int]) -> None:
    wide, high = box.right - box.left, (box.bottom - box.top) / 2
    for name, ends in STROKES.items():
        start, end = ((round(box.left + x * wide), round(box.top + y * high)) for x, y in ends)
        lit = name in SEGMENTS.get(value, "")
        cv2.line(onto, start, end, colour if lit else (70, 70, 70), 4 if lit else 1, cv2.LINE_AA)


def _words(outcome: Outcome) -> Pixels:
    lines = [f"{outcome.text or 'nothing seen'}   {outcome.confidence:.1%} sure"]
    if outcome.refused is not None:
        lines.append(f"refused, {outcome.refused}: {outcome.why}")
    lines += [f"or {text}   {share:.1%}" for text, share in outcome.alternatives[:4] if text != outcome.text]
    words = _ground(26 * len(lines) + 12)
    for number, line in enumerate(lines):
        _write(words, line, (12, 26 * (number + 1)), PALE if number == 0 or outcome.refused is None else DOUBTED)
    return words


def _ground(height: int) -> Pixels:
    return np.full((height, WIDTH, 3), GROUND, np.uint8)


def _write(onto: Pixels, text: str, place: tuple[int, int], colour: tuple[int, int, int]) -> None:
    cv2.putText(onto, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.55, colour, 1, cv2.LINE_AA)
