"""Turns masks into a picture: the display's colours, uneven light, shadows, reflections, dirt, frame edges."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.training.drawing import SCALE, Drawing
from ocr.training.style import Dice, Layout, Look

Picture = NDArray[np.float32]


def _field(dice: Dice, shape: tuple[int, int], strength: float, cells: tuple[int, int] = (3, 6)) -> Picture:
    """A smooth random field around 0."""
    coarse = dice.normal(0, strength, (int(dice.integers(2, cells[0] + 1)), int(dice.integers(2, cells[1] + 1))))
    return np.asarray(cv2.resize(coarse.astype(np.float32), shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def _soft(mask: NDArray[np.uint8], sigma: float) -> Picture:
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), sigma) * np.float32(1 / 255), np.float32)


def expose(dice: Dice, drawing: Drawing, look: Look, plan: Layout) -> Picture:
    """The display as light: 0 black, 1 white, at the masks' size."""
    ink = drawing.ink.astype(np.float32) / 255
    cover = ink
    if look.ghost:
        cover = np.maximum(cover, drawing.ghost.astype(np.float32) * (look.ghost / 255))
    if look.shadow:
        dx, dy = (offset * plan.height * SCALE for offset in look.shadow_at)
        shift = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
        moved = np.asarray(cv2.warpAffine(drawing.ink, shift, drawing.ink.shape[::-1]), np.uint8)
        cover = np.maximum(cover, _soft(moved, float(dice.uniform(0.5, 3.0))) * look.shadow)
    if look.halo:
        cover = np.minimum(
            cover + _soft(drawing.ink, plan.height * SCALE * float(dice.uniform(0.03, 0.09))) * look.halo, 1
        )
    if look.slope:
        cover = cover * np.clip(1 + look.slope * np.linspace(-1, 1, cover.shape[1], dtype=np.float32), 0.15, 1.5)
    face = np.full(ink.shape, look.face_level, np.float32)
    if dice.random() < 0.5:
        face *= 1 + _field(dice, ink.shape, float(dice.uniform(0, 0.15)))
    picture = np.asarray(face + (look.ink_level - face) * cover, np.float32)
    if dice.random() < 0.6:
        _edges(dice, picture, plan)
    return picture


def _edges(dice: Dice, picture: Picture, plan: Layout) -> None:
    """The display's frame where the strip goes beyond the glass."""
    tall, wide = picture.shape
    right = wide / SCALE - plan.end
    rooms = {
        "left": plan.left,
        "right": right - plan.pitch * 0.4,
        "top": plan.top,
        "bottom": tall / SCALE - plan.top - plan.height,
    }
    level = float(np.clip(dice.choice([dice.uniform(0, 0.2), dice.uniform(0, 1)]), 0, 1))
    for side, room in rooms.items():
        if room < 3 or dice.random() < 0.55:
            continue
        depth = float(dice.uniform(0.05, 0.8)) * room * SCALE
        lean = float(dice.normal(0, 0.012))
        if side in ("left", "right"):
            x1, x2 = depth + lean * tall * 3, depth - lean * tall * 3
            edge = np.array([[-9, -9], [x1, -9], [x2, tall + 9], [-9, tall + 9]])
            if side == "right":
                edge[:, 0] = wide - edge[:, 0]
        else:
            y1, y2 = depth + lean * wide / 2, depth - lean * wide / 2
            edge = np.array([[-9, -9], [wide + 9, -9], [wide + 9, y2], [-9, y1]])
            if side == "bottom":
                edge[:, 1] = tall - edge[:, 1]
        cv2.fillConvexPoly(picture, np.round(edge).astype(np.int32), level * float(dice.uniform(0.6, 1.2)), cv2.LINE_AA)


def disturb(dice: Dice, picture: Picture, contrast: float) -> Picture:
    """What lies between display and camera: uneven light, reflections, glare, scratches, dust."""
    if dice.random() < 0.75:
        picture = picture * (1 + _field(dice, picture.shape[:2], float(dice.uniform(0.02, 0.35)), (2, 4)))
    if dice.random() < 0.55:
        picture = picture + _reflections(dice, picture.shape[:2], contrast)
    if dice.random() < 0.2:
        glare = np.clip(_field(dice, picture.shape[:2], 0.8), 0, 1) * float(dice.uniform(0.1, 0.9))
        picture = picture + (1.0 - picture) * glare
    if dice.random() < 0.22:
        _dirt(dice, picture)
    return np.asarray(picture, np.float32)


def _reflections(dice: Dice, shape: tuple[int, int], contrast: float) -> Picture:
    """Soft shapes of the room mirrored in the glass."""
    tall, wide = shape
    layer = np.zeros(shape, np.uint8)
    for _ in range(int(dice.integers(1, 8))):
        level = int(dice.integers(60, 256))
        centre = (int(dice.integers(0, wide)), int(dice.integers(0, tall)))
        if dice.random() < 0.5:
            corners = dice.normal(0, 1, (int(dice.integers(3, 6)), 2)) * (tall * 0.8, tall * 0.6) + centre
            cv2.fillConvexPoly(layer, cv2.convexHull(np.round(corners).astype(np.int32)), level)
        else:
            axes = (int(dice.integers(2, tall)), int(dice.integers(2, tall)))
            cv2.ellipse(layer, centre, axes, float(dice.uniform(0, 180)), 0, 360, level, -1)
    strength = float(np.clip(abs(dice.normal(0, 0.2)), 0.01, 0.6))
    if dice.random() < 0.5:  # as strong as the strokes: what misleads most
        strength = contrast * float(dice.uniform(0.3, 1.8))
    soft = _soft(layer, float(np.exp(dice.uniform(np.log(0.8), np.log(10)))))
    return np.asarray(soft * strength, np.float32)


def _dirt(dice: Dice, picture: Picture) -> None:
    """Scratches and specks, light or dark."""
    tall, wide = picture.shape
    for _ in range(int(dice.integers(1, 7))):
        level = float(np.clip(picture.mean() + dice.normal(0, 0.35), 0, 1))
        at = (int(dice.integers(0, wide)), int(dice.integers(0, tall)))
        if dice.random() < 0.5:
            cv2.circle(picture, at, int(dice.integers(1, max(2, tall // 14))), level, -1, cv2.LINE_AA)
        else:
            to = (at[0] + int(dice.normal(0, tall)), at[1] + int(dice.normal(0, tall / 2)))
            cv2.line(picture, at, to, level, int(dice.integers(1, 3)), cv2.LINE_AA)
