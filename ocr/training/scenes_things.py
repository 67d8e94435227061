"""Draws what else stands on an instrument: printing, barcodes, screws, buttons, lamps, drums, dots, slots."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator

from ocr.training.scenes_digits import Colour, Picture
from ocr.training.scenes_surface import Point, box, some_colour, write


def _text_block(rng: Generator, picture: Picture, at: Point, size: float, ink: Colour) -> None:
    x, y = at
    line = size * rng.uniform(0.15, 0.9)
    for row in range(rng.integers(1, 5)):
        write(rng, picture, (x, y + row * line * 1.6), line, ink)


def _barcode(rng: Generator, picture: Picture, at: Point, size: float, ink: Colour) -> None:
    x, y = at
    box(picture, (x, y), (size * 4.4, size * 1.4), some_colour(rng, 190, 255, 8))
    edge = x + size * 0.2
    while edge < x + size * 4.2:
        bar = rng.integers(1, 4) * max(1.0, size / 25)
        box(picture, (edge, y + size * 0.1), (bar, size), ink)
        edge += bar + rng.integers(1, 4) * max(1.0, size / 25)
    if rng.random() < 0.7:
        number = "".join(rng.choice(list("0123456789"), 12))
        write(rng, picture, (x + size * 0.3, y + size * 1.36), size * 0.25, ink, words=number)


def _round_thing(rng: Generator, picture: Picture, at: Point, size: float, ink: Colour) -> None:
    """A screw, a button, a lamp, a seal."""
    x, y = at
    radius = max(2, round(size * rng.uniform(0.2, 0.9)))
    centre = (round(x), round(y))
    cv2.circle(picture, centre, radius, ink.tolist(), -1, cv2.LINE_AA)
    inner = max(1, round(radius * rng.uniform(0.4, 0.9)))
    cv2.circle(picture, centre, inner, some_colour(rng, tint=80).tolist(), -1, cv2.LINE_AA)
    if rng.random() < 0.5:
        turn = rng.uniform(0, np.pi)
        arm = np.array([np.cos(turn), np.sin(turn)]) * radius * 0.8
        ends = [(np.array(centre) + side * arm).astype(int).tolist() for side in (-1, 1)]
        cv2.line(picture, ends[0], ends[1], ink.tolist(), max(1, radius // 5))


def _buttons(rng: Generator, picture: Picture, at: Point, size: float, ink: Colour) -> None:
    x, y = at
    face = some_colour(rng, tint=60)
    for column in range(rng.integers(1, 6)):
        corner = (x + column * size * 1.5, y)
        box(picture, corner, (size * 1.2, size * rng.uniform(0.5, 0.9)), face, size * rng.choice([0, 0.3]))
        if rng.random() < 0.6:
            write(rng, picture, (corner[0] + size * 0.15, y + size * 0.45), size * 0.25, ink)


def _drums(rng: Generator, picture: Picture, at: Point, size: float, ink: Colour) -> None:
    """The rolling counter of an old meter: printed digits in dark cells, which are no seven-segment digits."""
    x, y = at
    dark, light = some_colour(rng, 0, 60, 8), some_colour(rng, 180, 255, 10)
    for column in range(rng.integers(4, 8)):
        box(picture, (x + column * size * 0.8, y), (size * 0.66, size), dark, size * 0.1)
        foot = (x + column * size * 0.8 + size * 0.14, y + size * 0.8)
        write(rng, picture, foot, size * 0.6, light, words=str(rng.integers(10)))


def _dots(rng: Generator, picture: Picture, at: Point, size: float, ink: Colour) -> None:
    """A dot-matrix text."""
    x, y = at
    rows = rng.integers(0, 2, (7, 5 * int(rng.integers(3, 10))))
    rows[:, 5::6] = 0
    step = max(1.0, size / 8)
    for row, column in zip(*np.nonzero(rows), strict=True):
        box(picture, (x + column * step, y + row * step), (step * 0.85, step * 0.85), ink)


def _stripes(rng: Generator, picture: Picture, at: Point, size: float, ink: Colour) -> None:
    """Terminals, cooling slots, a row of pins."""
    x, y = at
    tall, wide = size * rng.uniform(0.3, 3), size * rng.uniform(0.08, 0.5)
    for column in range(rng.integers(2, 12)):
        box(picture, (x + column * wide * 2, y), (wide, tall), ink, wide * rng.choice([0, 0.5]))


def _number(rng: Generator, picture: Picture, at: Point, size: float, ink: Colour) -> None:
    """A serial number on a plate: printed digits as large as those of the display."""
    x, y = at
    places = int(rng.integers(5, 12))
    number = "".join(rng.choice(list("0123456789"), places))
    light = ink.mean() > 110
    box(
        picture, at, (size * places * 0.75, size * 1.4), some_colour(rng, 0, 70, 12) if light else some_colour(rng, 170)
    )
    write(rng, picture, (x + size * 0.2, y + size * 1.1), size * rng.uniform(0.6, 0.95), ink, words=number)


def _terminals(rng: Generator, picture: Picture, at: Point, size: float, ink: Colour) -> None:
    """A dark block with a row of bright screws in their holes, wires below."""
    x, y = at
    count, pitch = int(rng.integers(4, 12)), size * rng.uniform(0.9, 1.5)
    box(picture, at, (pitch * count, size * rng.uniform(1.2, 2.2)), some_colour(rng, 0, 60, 10), size * 0.1)
    metal, hole = some_colour(rng, 120, 255, 30), some_colour(rng, 0, 40, 8)
    for column in range(count):
        left = x + (column + 0.2) * pitch
        box(picture, (left, y + 0.15 * size), (pitch * 0.6, size * 0.95), hole, size * rng.choice([0, 0.3]))
        if rng.random() < 0.8:
            centre = (round(left + pitch * 0.3), round(y + 0.6 * size))
            radius = max(1, round(pitch * rng.uniform(0.15, 0.28)))
            cv2.circle(picture, centre, radius, metal.tolist(), -1, cv2.LINE_AA)
            arm = radius * rng.normal(0, 0.7, 2)
            ends = [(np.array(centre) + side * arm).astype(int).tolist() for side in (-1, 1)]
            cv2.line(picture, ends[0], ends[1], hole.tolist(), max(1, radius // 4))


def _plate(rng: Generator, picture: Picture, at: Point, size: float, ink: Colour) -> None:
    extent = (size * rng.uniform(1, 6), size * rng.uniform(0.5, 3))
    box(picture, at, extent, some_colour(rng), size * rng.choice([0, 0.2]))


THINGS: tuple[Callable[[Generator, Picture, Point, float, Colour], None], ...] = (
    _text_block, _text_block, _text_block, _barcode, _round_thing, _round_thing, _buttons, _drums, _dots, _stripes,
    _plate, _plate, _number, _number, _terminals,
)  # fmt: skip


def clutter(rng: Generator, picture: Picture, size: float, count: int) -> None:
    """Things anywhere; what is drawn later covers them."""
    height, width = picture.shape[:2]
    dark = rng.random() < 0.7
    for _ in range(count):
        ink = some_colour(rng, 0, 90) if dark else some_colour(rng, 150, 255)
        thing = THINGS[rng.integers(len(THINGS))]
        at = (rng.uniform(-0.1, 0.95) * width, rng.uniform(-0.05, 1) * height)
        thing(rng, picture, at, max(4.0, size * rng.uniform(0.4, 1.6)), ink)
