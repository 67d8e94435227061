"""Reads what stands behind the options: places, counts, and where a picture of the explanation goes."""

from __future__ import annotations

import argparse

import numpy as np

from ocr import corners
from ocr.corners import Corners
from ocr.errors import RequestError
from ocr.profile import MOST_DIGITS


def roi(text: str) -> Corners:
    """`X,Y,W,H`."""
    x, y, width, height = _numbers(text, 4, "X,Y,W,H")
    if width <= 0 or height <= 0:
        raise argparse.ArgumentTypeError(f"a box {width:g} wide and {height:g} high holds no display")
    return corners.of_box(x, y, width, height)


def four_corners(text: str) -> Corners:
    """`x1,y1,...,x4,y4`, clockwise from the top left."""
    return np.array(_numbers(text, 8, "x1,y1,x2,y2,x3,y3,x4,y4"), np.float32).reshape(4, 2)


def digits(text: str) -> int:
    """How many digits the display shows."""
    return _count(text, 1, MOST_DIGITS)


def decimals(text: str) -> int:
    """How many of them stand behind the point."""
    return _count(text, 0, MOST_DIGITS - 1)


def check_counts(places: int | None, behind: int | None) -> None:
    """Refuses a number that would begin with its point."""
    if places is not None and behind is not None and behind >= places:
        raise RequestError(f"{behind} decimals leave nothing of {places} digits", "count all digits with --digits")


def _numbers(text: str, count: int, form: str) -> list[float]:
    try:
        numbers = [float(word) for word in text.replace(" ", ",").split(",") if word]
    except ValueError:
        numbers = []
    if len(numbers) != count or not all(abs(number) < 1e6 for number in numbers):
        raise argparse.ArgumentTypeError(f"{form} is needed, not {text!r}")
    return numbers


def _count(text: str, least: int, most: int) -> int:
    if not text.isdecimal() or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"a whole number from {least} to {most} is needed, not {text!r}")
    return int(text)
