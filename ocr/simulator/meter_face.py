"""Draws the front of a made-up meter with a seven-segment display, as a camera before it would see it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.picture import Pixels

WIDTH, HEIGHT = 960, 540
#: The glass in the picture: left, top, width, height.
GLASS = (190, 170, 600, 150)
#: The digits in it.
_TALL, _PITCH, _LEFT, _TOP = 92.0, 58.0, 120.0, 30.0
_SMALL = 0.36
_GROUND, _INK, _HOUSING = (128, 176, 150), (34, 52, 40), (206, 210, 208)
#: The picture is drawn so many times as large, and shrunk.
_FINE = 2
_SLANT, _LIT, _GHOST = 0.07, 255, 14
#: The segments of a digit, half as wide as it is high, with mitred corners (a top, b to f clockwise, g middle).
_SEGMENTS = {
    "a": ((0.02, 0.0), (0.48, 0.0), (0.36, 0.12), (0.14, 0.12)),
    "b": ((0.5, 0.02), (0.5, 0.49), (0.44, 0.49), (0.38, 0.43), (0.38, 0.14)),
    "c": ((0.5, 0.51), (0.5, 0.98), (0.38, 0.86), (0.38, 0.57), (0.44, 0.51)),
    "d": ((0.14, 0.88), (0.36, 0.88), (0.48, 1.0), (0.02, 1.0)),
    "e": ((0.0, 0.51), (0.06, 0.51), (0.12, 0.57), (0.12, 0.86), (0.0, 0.98)),
    "f": ((0.0, 0.02), (0.12, 0.14), (0.12, 0.43), (0.06, 0.49), (0.0, 0.49)),
    "g": ((0.07, 0.5), (0.13, 0.44), (0.37, 0.44), (0.43, 0.5), (0.37, 0.56), (0.13, 0.56)),
}
_SHAPES = {
    "0": "abcdef", "1": "bc", "2": "abged", "3": "abgcd", "4": "fgbc",
    "5": "afgcd", "6": "afgedc", "7": "abc", "8": "abcdefg", "9": "abfgcd",
}  # fmt: skip


def draw(text: str, code: str = "", seed: int = 0) -> Pixels:
    """The meter that shows this number and, small beside it, a code. `seed`: of noise, light and shaking."""
    dice = np.random.default_rng(seed)
    scene = np.full((HEIGHT, WIDTH, 3), _HOUSING, np.uint8)
    _print_front(scene)
    left, top, width, height = GLASS
    cover = (_digits(text, code).astype(np.float32) / 255)[:, :, None]
    ground, lit = np.array(_GROUND, np.float32), np.array(_INK, np.float32)
    glass = ground + (lit - ground) * cover
    scene[top : top + height, left : left + width] = glass.astype(np.uint8)
    return _seen(dice, scene)


def corners(digits: int, decimals: int) -> list[float]:
    """Where the digits are in the picture: x and y of four corners, from the top left clockwise."""
    left, top = GLASS[0] + _LEFT - 12, GLASS[1] + _TOP - 12
    right, bottom = GLASS[0] + _LEFT + digits * _PITCH + 12, GLASS[1] + _TOP + _TALL + 12
    return [left, top, right, top, right, bottom, left, bottom]


def code_corners() -> list[float]:
    """Where the code is."""
    left, top = GLASS[0] + 4, GLASS[1] + _TOP - 8
    right, bottom = left + 3 * _PITCH * _SMALL + 30, top + _TALL * _SMALL + 16
    return [left, top, right, top, right, bottom, left, bottom]


def _digits(text: str, code: str) -> Pixels:
    """How much of each pixel of the glass is ink: lit segments, and a trace of the others."""
    _, _, width, height = GLASS
    ink = np.zeros((height * _FINE, width * _FINE), np.uint8)
    _line(ink, text, (_LEFT + 4, _TOP), (_PITCH, _TALL))
    _line(ink, code, (14.0, _TOP), (_PITCH * _SMALL + 3, _TALL * _SMALL))
    return np.asarray(cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _line(ink: Pixels, text: str, at: tuple[float, float], size: tuple[float, float]) -> None:
    """Draws digits and points from the left; `size`: pitch and height."""
    x, (pitch, tall) = at[0], size
    for character in text:
        if character == ".":
            _fill(ink, np.array(((-0.15, 0.88), (-0.03, 0.88), (-0.03, 1.0), (-0.15, 1.0))), (x, at[1]), tall, _LIT)
            continue
        for name, outline in _SEGMENTS.items():
            _fill(ink, np.array(outline), (x, at[1]), tall, _LIT if name in _SHAPES[character] else _GHOST)
        x += pitch


def _fill(ink: Pixels, outline: NDArray[np.float64], at: tuple[float, float], tall: float, level: int) -> None:
    """One segment; its outline is in heights of the digit, upright."""
    leaning = outline + np.stack([(0.5 - outline[:, 1]) * _SLANT, np.zeros(len(outline))], axis=1)
    points = np.round((leaning * tall + at) * _FINE * 16).astype(np.int32)
    cv2.fillPoly(ink, [points], level, cv2.LINE_AA, 4)


def _print_front(scene: Pixels) -> None:
    """Everything that never changes: what a camera holds on to when it was moved a little."""
    dark, left, top = (60, 60, 60), GLASS[0], GLASS[1]
    cv2.rectangle(scene, (left - 26, top - 26), (left + GLASS[2] + 26, top + GLASS[3] + 26), (120, 124, 122), -1)
    cv2.rectangle(scene, (60, 40), (WIDTH - 60, HEIGHT - 40), dark, 3)
    font = cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(scene, "3 x 230/400 V   5(80) A   50 Hz", (250, 100), font, 0.9, dark, 2, cv2.LINE_AA)
    cv2.putText(scene, "kWh", (left + GLASS[2] - 60, top + GLASS[3] + 70), font, 1.0, dark, 2, cv2.LINE_AA)
    cv2.putText(scene, "10 000 imp/kWh", (220, 420), font, 0.8, dark, 2, cv2.LINE_AA)
    for number in range(46):  # a bar code
        x, wide = 520 + 6 * number, 1 + (number * 7919) % 4
        cv2.rectangle(scene, (x, 400), (x + wide, 460), dark, -1)
    for at in ((100, 80), (WIDTH - 100, 80), (100, HEIGHT - 80), (WIDTH - 100, HEIGHT - 80)):
        cv2.circle(scene, at, 14, (150, 150, 150), -1, cv2.LINE_AA)
        cv2.line(scene, (at[0] - 9, at[1] - 5), (at[0] + 9, at[1] + 5), dark, 3, cv2.LINE_AA)


def _seen(dice: np.random.Generator, scene: Pixels) -> Pixels:
    """What a cheap camera makes of it."""
    shift = np.array([[1, 0, dice.normal(0, 0.6)], [0, 1, dice.normal(0, 0.6)]], np.float32)
    moved = cv2.warpAffine(scene, shift, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    soft = cv2.GaussianBlur(moved, (0, 0), 0.8).astype(np.float32)
    light = 1.0 + dice.normal(0, 0.03)
    return np.asarray(np.clip(soft * light + dice.normal(0, 3.0, soft.shape), 0, 255), np.uint8)
