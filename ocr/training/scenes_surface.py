"""Draws what displays stand on: walls, cases, rectangles, printed words."""

import cv2
import numpy as np
from numpy.random import Generator

from ocr.training.scenes_digits import Colour, Picture, mix

Point = tuple[float, float]

FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_PLAIN, cv2.FONT_HERSHEY_COMPLEX_SMALL, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
)  # fmt: skip
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WORDS = (
    "kWh", "kvarh", "LITRES", "GALLONS", "TOTAL", "CLASS 1", "No.", "imp/kWh", "230V", "5(80)A", "50Hz", "IEC",
    "THIS SALE", "TARE", "SYS", "DIA", "VOLT", "AMP", "MODE", "Set", "Menu", "Enter", "METER", "TYPE", "3x230/400V",
)  # fmt: skip


def some_colour(rng: Generator, low: float = 0, high: float = 255, tint: float = 30) -> Colour:
    """Any grey between two levels, tinted a little."""
    return np.clip(rng.uniform(low, high) + rng.normal(0, tint * rng.random(), 3), 0, 255)


def texture(rng: Generator, shape: tuple[int, int], strength: float) -> Picture:
    """Noise of one to three octaves around 0."""
    total = np.zeros(shape, np.float32)
    for _ in range(rng.integers(1, 4)):
        cells = np.maximum(1, np.array(shape[::-1]) // rng.integers(2, 60)).astype(int)
        grain = rng.normal(0, strength * 0.6, (cells[1], cells[0])).astype(np.float32)
        total += cv2.resize(grain, shape[::-1], interpolation=cv2.INTER_LINEAR)
    return total


def gradient(rng: Generator, shape: tuple[int, int], strength: float) -> Picture:
    """From -2 to 2 times the strength across, in some direction."""
    corners = rng.uniform(-2, 2, (2, 2)).astype(np.float32) * np.float32(strength)
    return cv2.resize(corners, shape[::-1], interpolation=cv2.INTER_LINEAR)


def lift(picture: Picture, layer: Picture) -> None:
    """Adds a layer of greys to a picture of bytes, where it lies; bytes stay bytes."""
    cv2.add(picture, cv2.merge([layer] * picture.shape[2]), dst=picture, dtype=cv2.CV_8U)


def background(rng: Generator, height: int, width: int) -> Picture:
    """A wall, a garden, a workshop: gradients, noise, shapes, wires."""
    picture = np.full((height, width, 3), some_colour(rng), np.uint8)
    lift(picture, gradient(rng, (height, width), rng.uniform(0, 35)))
    if rng.random() < 0.7:
        lift(picture, texture(rng, (height, width), rng.exponential(14)))
    for _ in range(rng.integers(0, 7)):
        centre = rng.uniform(0, 1, 2) * [width, height]
        size = rng.uniform(0.05, 0.5) * max(width, height)
        points = centre + rng.normal(0, size / 2, (rng.integers(3, 7), 2))
        cv2.fillPoly(picture, [cv2.convexHull(points.astype(np.int32))], some_colour(rng).tolist(), cv2.LINE_AA)
    for _ in range(rng.choice([0, 0, 3, 12])):
        ends = (rng.uniform(-0.1, 1.1, (2, 2)) * [width, height]).astype(int)
        colour = some_colour(rng).tolist()
        cv2.line(picture, ends[0].tolist(), ends[1].tolist(), colour, int(rng.integers(1, 9)), cv2.LINE_AA)
    if rng.random() < 0.1:
        grid(rng, picture)
    return picture


def grid(rng: Generator, picture: Picture) -> None:
    """Tiles, bricks or the slots of a ventilated case."""
    height, width = picture.shape[:2]
    step_x, step_y = rng.integers(8, 90, 2)
    colour = some_colour(rng).tolist()
    thick = int(rng.integers(1, 5))
    for y in range(0, height, step_y):
        cv2.line(picture, (0, y), (width, y), colour, thick)
    for x in range(0, width, step_x):
        cv2.line(picture, (x, 0), (x, height), colour, thick)


def box(picture: Picture, corner: Point, size: Point, colour: Colour, radius: float = 0) -> None:
    """A filled rectangle, its corners round where a radius is given."""
    x, y = round(corner[0]), round(corner[1])
    w, h = max(1, round(size[0])), max(1, round(size[1]))
    fill = [float(c) for c in colour]
    r = int(min(radius, w / 2 - 1, h / 2 - 1))
    if r < 1:
        cv2.rectangle(picture, (x, y), (x + w - 1, y + h - 1), fill, -1)
        return
    cv2.rectangle(picture, (x + r, y), (x + w - r, y + h), fill, -1)
    cv2.rectangle(picture, (x, y + r), (x + w, y + h - r), fill, -1)
    for cx in (x + r, x + w - r):
        for cy in (y + r, y + h - r):
            cv2.circle(picture, (cx, cy), r, fill, -1, cv2.LINE_AA)


def printed(rng: Generator) -> str:
    """A word, a number or nonsense, as plates carry them."""
    kind = rng.random()
    if kind < 0.4:
        return str(rng.choice(WORDS))
    if kind < 0.75:
        return "".join(rng.choice(list("0123456789"), rng.integers(2, 13)))
    return "".join(rng.choice(list(LETTERS + LETTERS.lower() + "  -./"), rng.integers(2, 22)))


def write(
    rng: Generator, picture: Picture, at: Point, height: float, colour: Colour, *, words: str | None = None
) -> None:
    """Printed text whose left lower corner stands at a point."""
    scale = height / 22
    thick = max(1, round(scale * rng.uniform(1, 4)))
    place = (round(at[0]), round(at[1]))
    fill = [float(c) for c in colour]
    cv2.putText(picture, words or printed(rng), place, int(rng.choice(FONTS)), scale, fill, thick, cv2.LINE_AA)


def case(rng: Generator, picture: Picture, around: tuple[float, float, float, float], size: float) -> None:
    """The case of the instrument, somewhat larger than its display."""
    x, y, w, h = around
    grow = size * rng.uniform(0.5, 5, 4)
    colour = some_colour(rng, 130, 250, 15) if rng.random() < 0.7 else some_colour(rng, 10, 130, 20)
    corner = (x - grow[0], y - grow[1])
    outer = (w + grow[0] + grow[2], h + grow[1] + grow[3])
    radius = size * rng.choice([0, 0.2, 0.6])
    rim = mix(colour, np.zeros(3), rng.uniform(0, 0.7))
    box(picture, (corner[0] - 2, corner[1] - 2), (outer[0] + 4, outer[1] + 4), rim, radius)
    box(picture, corner, outer, colour, radius)
