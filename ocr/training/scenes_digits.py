"""Draws one line of seven-segment digits on a flat picture, and says where its ink stands."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr.training.segments import Face
from ocr.training.style import face

Picture = NDArray[Any]
Colour = NDArray[Any]
SHIFT = 4  # cv2 takes polygon corners in 1/16 pixel


@dataclass(frozen=True, slots=True)
class Hand:
    """How one display writes: its digits and the room between them, as parts of their height."""

    face: Face
    pitch: float


def some_hand(rng: Generator) -> Hand:
    """Any maker's digits at any usual pitch."""
    drawn = face(rng, upright=False)
    return Hand(drawn, drawn.aspect * rng.uniform(1.12, 1.6))


def shapes(hand: Hand, text: str, *, ghost: bool = False) -> list[Picture]:
    """Outlines of a text in which '.' stands between digits, its left top at 0, 0 and its height 1."""
    outlines = hand.face.outlines()
    drawn: list[Picture] = []
    x = 0.0
    for sign in text:
        if sign == ".":
            dot = hand.face.stroke * 1.1
            at = x - (hand.pitch - hand.face.aspect) / 2 - dot / 2
            drawn.append(np.array([[at, 1 - dot], [at + dot, 1 - dot], [at + dot, 1], [at, 1]]))
            continue
        drawn += [outlines[name] + np.array([x, 0.0]) for name in ("abcdefg" if ghost else hand.face.lit(sign))]
        x += hand.pitch
    return [np.stack([c[:, 0] + hand.face.slant * (1 - c[:, 1]), c[:, 1]], axis=1) for c in drawn]


def ink_box(hand: Hand, text: str) -> tuple[float, float]:
    """Left and right end of what is lit, as parts of the height."""
    lit = np.concatenate(shapes(hand, text.replace(".", "")))
    return float(lit[:, 0].min()), float(lit[:, 0].max())


def fill(picture: Picture, polygons: list[Picture], origin: tuple[float, float], height: float, colour: Colour) -> None:
    """Fills polygons of height 1 at a place of a picture."""
    if not polygons:
        return
    points = [np.round((p * height + np.array(origin)) * (1 << SHIFT)).astype(np.int32) for p in polygons]
    cv2.fillPoly(picture, points, [float(c) for c in colour], cv2.LINE_AA, SHIFT)


def mix(one: Colour, other: Colour, part: float) -> Colour:
    """A colour between two."""
    return np.asarray(one) * (1 - part) + np.asarray(other) * part
