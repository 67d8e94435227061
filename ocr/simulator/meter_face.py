"""Draws the front of a made-up meter with a seven-segment display, as a camera before it would see it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from ocr.picture import Pixels
from ocr.training import style
from ocr.training.drawing import Pen

WIDTH, HEIGHT = 960, 540
#: The glass in the picture: left, top, width, height.
GLASS = (190, 170, 600, 150)
#: The digits in it.
_TALL, _PITCH, _LEFT, _TOP = 92.0, 58.0, 120.0, 30.0
_SMALL = 0.36
_GROUND, _INK, _HOUSING = (128, 176, 150), (34, 52, 40), (206, 210, 208)
_DICE = np.random.default_rng(1)
_FACE = replace(
    style.face(_DICE), shape="bevel", aspect=0.52, stroke=0.125, gap=0.01, slant=0.07, hooked_seven=False,
    tailless_six=False, tailless_nine=False,
)  # fmt: skip
_LOOK = replace(style.look(_DICE), ghost=0.06, fading=0.0)


def draw(text: str, code: str = "", seed: int = 0) -> Pixels:
    """The meter that shows this number and, small beside it, a code. `seed`: of noise, light and shaking."""
    dice = np.random.default_rng(seed)
    scene = np.full((HEIGHT, WIDTH, 3), _HOUSING, np.uint8)
    _print_front(scene)
    left, top, width, height = GLASS
    ink = cv2.resize(_digits(dice, text, code), (width, height), interpolation=cv2.INTER_AREA)
    cover = (ink.astype(np.float32) / 255)[:, :, None]
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


def _digits(dice: np.random.Generator, text: str, code: str) -> Pixels:
    _, _, width, height = GLASS
    pen = Pen(_FACE, _LOOK, np.eye(3), (width, height))
    x = _LEFT
    for character in text:
        if character == ".":
            pen.point(dice, (x - 7, _TOP + _TALL), 11, 1.0, comma=False)
            continue
        pen.digit(dice, character, (x + 4, _TOP, _PITCH - 14, _TALL))
        x += _PITCH
    x = 14.0
    for character in code:
        if character == ".":
            pen.point(dice, (x - 5, _TOP + _TALL * _SMALL), 5, 1.0, comma=False)
            continue
        pen.digit(dice, character, (x, _TOP, _PITCH * _SMALL - 4, _TALL * _SMALL), ghosts=False)
        x += _PITCH * _SMALL + 5
    return np.asarray(np.maximum(pen.ink, (pen.ghost * _LOOK.ghost).astype(np.uint8)), np.uint8)


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
