"""Draws whole scenes with a display somewhere, and scenes without one, for the finder of digit lines to learn from."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from ocr.training.scenes_digits import Picture, mix
from ocr.training.scenes_display import Box, Plan, display, extent, some_plan
from ocr.training.scenes_surface import background, case, some_colour
from ocr.training.scenes_things import clutter
from ocr.training.scenes_view import lens, light, some_view

WITHOUT = 0.2  # scenes without a display
UPSIDE_DOWN = 0.04
LEAST_CONTRAST = 3.0  # grey levels
REACH = 1.35  # the flat scene is larger than what the camera sees of it


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture and the corners (tl, tr, br, bl) of the ink of each line of digits."""

    picture: Picture
    lines: list[Picture]


def scene(rng: Generator, width: int, height: int) -> Scene:
    """A scene of a given size; a flat one shows little but the display."""
    flat = np.array([width, height]) * REACH
    empty = rng.random() < WITHOUT
    band = width / height > 2.2
    digit = height * rng.uniform(0.35, 1.05) if band else float(np.exp(rng.uniform(np.log(6.5), np.log(0.55 * height))))
    wide = float(rng.choice([1.0, rng.uniform(1, 2.2)])) if band else float(np.exp(rng.normal(0, 0.1)))
    plan = some_plan(
        rng, digit, width * (1.1 if band else 0.95) / wide, bare=bool(rng.random() < (0.6 if band else 0.05))
    )
    size = extent(plan)
    canvas = _surroundings(rng, flat, plan.bare, plan.window)
    at = (float((flat[0] - size[0]) / 2), float((flat[1] - size[1]) / 2))
    if not plan.bare:
        if rng.random() < 0.75:
            case(rng, canvas, (*at, *size), plan.height)
        clutter(rng, canvas, plan.height, int(rng.integers(0, 14)))
    boxes: list[Box] = []
    if not empty:
        boxes = display(rng, canvas, at, plan)
    upside = rng.random() < UPSIDE_DOWN
    turn = (
        rng.normal(0, 3 if band else 7) if rng.random() < 0.75 else rng.uniform(-6, 6) if band else rng.uniform(-28, 28)
    )
    view = _aim(rng, (width, height), plan, boxes, (wide, turn + 180 * upside))
    seen = cv2.warpPerspective(canvas, view, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    picture = lens(rng, light(rng, seen), plan.height)
    lines = [] if upside else [_corners(b, view) for b in boxes]
    return Scene(picture, [corners for corners in lines if _visible(picture, corners)])


def _visible(picture: Picture, corners: Picture) -> bool:
    """Whether exposure and focus left anything of a line."""
    x, y, w, h = cv2.boundingRect(corners)
    part = picture[max(0, y) : max(0, y + h), max(0, x) : max(0, x + w)]
    return part.size > 0 and float(part.reshape(-1, 3).std(axis=0).max()) > LEAST_CONTRAST


def _surroundings(rng: Generator, flat: Picture, bare: bool, window: Picture) -> Picture:
    width, height = (int(side) for side in flat)
    if not bare:
        return background(rng, height, width)
    return np.full((height, width, 3), mix(window, some_colour(rng), 0.03), np.uint8)


def _aim(rng: Generator, size: tuple[int, int], plan: Plan, boxes: list[Box], bent: tuple[float, float]) -> Picture:
    """Somewhere in the picture, but with most of each line inside."""
    centre = np.array(size) * REACH / 2
    need = np.array(size) / 4
    if boxes:
        centre = np.mean([[x + w / 2, y + h / 2] for x, y, w, h in boxes], axis=0)
        need = np.array([max(b[2] for b in boxes) * bent[0], plan.height * len(boxes) * 1.3]) / 2
    room = np.array(size) / 2 - need - plan.height * 0.3
    target = np.array(size) / 2 + rng.uniform(-1, 1, 2) * np.maximum(room, plan.height * 0.12)
    return some_view(rng, size, (float(centre[0]), float(centre[1])), (float(target[0]), float(target[1])), bent)


def _corners(line: Box, view: Picture) -> Picture:
    x, y, w, h = line
    flat = np.array([[[x, y], [x + w, y], [x + w, y + h], [x, y + h]]], np.float32)
    return np.asarray(cv2.perspectiveTransform(flat, view)[0])
