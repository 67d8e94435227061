"""Draws a number and what stands around it as masks: how much ink, how much ghost of unlit segments, at every pixel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.training.segments import Face, Points
from ocr.training.style import Dice, Layout, Look

Mask = NDArray[np.uint8]
SCALE = 2  # masks are drawn at twice the strip's size
_SHIFT = 4  # fractional bits of cv2's drawing


@dataclass(frozen=True)
class Glyph:
    """Where a character stands in the strip, in pixels: its box before perspective is the quadrilateral's."""

    character: str
    left: float
    right: float
    top: float
    bottom: float
    lean: float


@dataclass
class Drawing:
    """Masks and where the characters are."""

    ink: Mask
    ghost: Mask
    glyphs: list[Glyph]


def perspective(dice: Dice, width: int, height: int, strength: float) -> NDArray[np.float64]:
    """A small tilt as it stays after corners were marked by hand."""
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    turn = np.deg2rad(dice.normal(0, 1.6 * strength))
    middle = corners.mean(axis=0)
    turned = (corners - middle) @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) + middle
    turned += dice.normal(0, 0.025 * strength, (4, 2)) * (height, height)
    return np.asarray(cv2.getPerspectiveTransform(corners, turned.astype(np.float32)), np.float64)


def _fill(mask: Mask, outline: Points, level: int) -> None:
    cv2.fillConvexPoly(mask, np.round(outline * (SCALE << _SHIFT)).astype(np.int32), level, cv2.LINE_AA, _SHIFT)


class Pen:
    """Puts characters through the tilt onto the masks."""

    def __init__(self, face: Face, look: Look, tilt: NDArray[np.float64], size: tuple[int, int]) -> None:
        self._face = face
        self._look = look
        self._tilt = tilt
        self._outlines = face.outlines()
        self.ink = np.zeros((size[1] * SCALE, size[0] * SCALE), np.uint8)
        self.ghost = np.zeros_like(self.ink)

    def place(self, points: Points) -> Points:
        """Points of the untilted strip, tilted."""
        return np.asarray(cv2.perspectiveTransform(points[None].astype(np.float64), self._tilt)[0], np.float32)

    def digit(
        self, dice: Dice, character: str, box: tuple[float, float, float, float], *, ghosts: bool = True
    ) -> Glyph:
        """Draws a character into left, top, width, height."""
        left, top, wide, tall = box
        face = self._face
        lit = face.lit(character)
        stretch = np.array([wide / face.aspect, tall], np.float32)
        even = 1.0 - (float(dice.uniform(0, self._look.fading)) if self._look.fading else 0.0)
        for name, outline in self._outlines.items():
            if name not in lit and not (ghosts and self._look.ghost):
                continue
            upright = outline.copy()
            upright[:, 0] += (0.5 - upright[:, 1]) * face.slant
            placed = self.place(upright * stretch + (left, top))
            if name in lit:
                level = even - (float(dice.uniform(0, self._look.fading * 0.6)) if self._look.fading else 0.0)
                _fill(self.ink, placed, int(255 * max(0.25, level)))
            else:
                _fill(self.ghost, placed, 255)
        return self._glyph(character, box)

    def _glyph(self, character: str, box: tuple[float, float, float, float]) -> Glyph:
        left, top, wide, tall = box
        slant = self._face.slant * wide / self._face.aspect / tall
        half = slant * tall / 2
        ends = np.array(
            [
                [left, top + tall / 2],
                [left + wide, top + tall / 2],
                [left + wide / 2 + half, top],
                [left + wide / 2 - half, top + tall],
            ],
            np.float32,
        )
        west, east, north, south = self.place(ends)
        lean = float((north[0] - south[0]) / max(1.0, south[1] - north[1]))
        return Glyph(character, float(west[0]), float(east[0]), float(north[1]), float(south[1]), lean)

    def point(self, dice: Dice, at: tuple[float, float], size: float, stretch: float, *, comma: bool) -> Glyph:
        """Draws a decimal point whose foot is at x, y."""
        x, y = at
        wide = size * stretch
        if dice.random() < 0.5:
            angles = np.linspace(0, 2 * np.pi, 9)[:-1]
            outline = np.stack([x + wide / 2 * (1 + np.cos(angles)), y - size / 2 * (1 + np.sin(angles))], 1)
        else:
            outline = np.array([[x, y - size], [x + wide, y - size], [x + wide, y], [x, y]])
        _fill(self.ink, self.place(outline.astype(np.float32)), 255)
        if comma:
            tail = np.array(
                [[x + wide * 0.3, y], [x + wide, y], [x + wide * 0.2, y + size * 0.9], [x - wide * 0.1, y + size * 0.9]]
            )
            _fill(self.ink, self.place(tail.astype(np.float32)), 255)
        west = self.place(np.array([[x, y], [x + wide, y]], np.float32))
        return Glyph(".", float(west[0, 0]), float(west[1, 0]), 0.0, 0.0, 0.0)


def number(pen: Pen, dice: Dice, face: Face, plan: Layout) -> list[Glyph]:
    """Draws the number of a layout."""
    glyphs: list[Glyph] = []
    x = plan.left
    fill = float(dice.uniform(0.62, 0.86))  # the share of a pitch that a digit takes
    characters = plan.text.replace(".", "")
    point_after = plan.text.index(".") if "." in plan.text else -1
    size = float(dice.uniform(0.08, 0.17)) * plan.height
    for i, character in enumerate(characters):
        shrink = plan.small[1] if i >= len(characters) - plan.small[0] else 1.0
        wide, tall = fill * plan.pitch * shrink, plan.height * shrink
        glyph = pen.digit(dice, character, (x + (1 - fill) * plan.pitch / 2, plan.top + plan.height - tall, wide, tall))
        if character != " ":
            glyphs.append(glyph)
        x += plan.pitch * shrink
        if i + 1 == point_after:
            room = plan.point_room * plan.pitch
            stretch = max(0.5, min(2.2, plan.pitch * fill / face.aspect / plan.height))
            foot = plan.top + plan.height
            lean = face.slant * plan.pitch * fill / face.aspect / 2
            centre = x + room / 2 - size * stretch / 2 - lean * float(dice.uniform(0.6, 1.1))
            glyphs.append(pen.point(dice, (centre, foot), size, stretch, comma=plan.comma))
            x += room
    return glyphs


_WORDS = (
    *("kWh", "kW", "kW h", "CkW h", "Wh", "kVAh", "V", "A", "L1", "L2 L3", "T1", "T2", "MD", "C", "$", "L", "g", "Hz"),
    *("PF", "1.8.0", "RATE 1", "CUM", "m3", "t", "kg", "o", "o->", "[]", "Litres", "^", "v", "| |"),
)


def surroundings(pen: Pen, dice: Dice, plan: Layout, size: tuple[int, int], face: Face) -> None:
    """Draws units, codes, marks and neighbouring rows where the number leaves room for them."""
    width = size[0]
    foot = plan.top + plan.height
    end = plan.end
    if plan.small[0] and dice.random() < 0.6:  # the unit stands above small decimals
        tall = plan.height * (1 - plan.small[1]) * float(dice.uniform(0.5, 0.8))
        start = end - plan.small[0] * plan.pitch * plan.small[1] * float(dice.uniform(0.7, 1.1))
        _word(pen, dice, (start, plan.top + tall), tall)
    elif width - end > 5 and dice.random() < 0.6:
        tall = plan.height * float(dice.uniform(0.22, 0.6))
        base = foot if dice.random() < 0.6 else plan.top + float(dice.uniform(0.4, 1)) * plan.height
        _word(pen, dice, (end + float(dice.uniform(0.05, 0.5)) * plan.pitch, base), tall)
    if plan.left > 10 and dice.random() < 0.35:
        tall = plan.height * float(dice.uniform(0.25, 0.5))
        if dice.random() < 0.5:
            base = plan.top + plan.height * float(dice.uniform(0.5, 1))
            _word(pen, dice, (float(dice.uniform(0, plan.left * 0.4)), base), tall)
        else:
            _code(pen, dice, plan, tall, face)
    _above(pen, dice, plan, width)
    _below(pen, dice, plan, size)


def _above(pen: Pen, dice: Dice, plan: Layout, width: int) -> None:
    kind = dice.random()
    if plan.top > 3 and kind < 0.45:
        _words(pen, dice, plan, width, lambda tall: plan.top - 1.5 - float(dice.uniform(0, max(0.0, plan.top - tall))))
    elif plan.top > 4 and kind < 0.57:
        _row(pen, dice, plan, plan.top, above=True)


def _below(pen: Pen, dice: Dice, plan: Layout, size: tuple[int, int]) -> None:
    room = size[1] - plan.top - plan.height
    kind = dice.random()
    if room > 3 and kind < 0.45:
        _words(pen, dice, plan, size[0], lambda tall: size[1] - float(dice.uniform(-tall / 2, max(0.0, room - tall))))
    elif room > 4 and kind < 0.57:
        _row(pen, dice, plan, room, above=False)


def _words(pen: Pen, dice: Dice, plan: Layout, width: int, foot: Callable[[float], float]) -> None:
    x = float(dice.uniform(0, width * 0.9))
    tall = float(dice.uniform(0.15, 0.4)) * plan.height
    base = foot(tall)
    for _ in range(int(dice.integers(1, 4))):
        x = _word(pen, dice, (x, base), tall) + float(dice.uniform(4, 40))


def _word(pen: Pen, dice: Dice, at: tuple[float, float], tall: float) -> float:
    """Writes a word whose foot is at x, y; returns where it ends."""
    scale = tall / 21 * SCALE
    word = str(dice.choice(_WORDS))
    font = int(dice.choice([cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX]))
    thick = max(1, round(scale * float(dice.uniform(1.5, 3.5))))
    foot = (int(at[0] * SCALE), int(at[1] * SCALE))
    cv2.putText(pen.ink, word, foot, font, scale, 255, thick, cv2.LINE_AA)
    return at[0] + len(word) * tall * 0.9


def _code(pen: Pen, dice: Dice, plan: Layout, tall: float, face: Face) -> None:
    """Draws a small code in segments, as OBIS codes stand left of the number."""
    pitch = tall * face.aspect * 1.4
    x = float(dice.uniform(0, 0.3)) * plan.left
    top = plan.top + float(dice.choice([0.0, plan.height - tall]))
    while x + pitch < plan.left - 3:
        pen.digit(dice, str(dice.choice(list("0123456789CFt"))), (x, top, tall * face.aspect, tall), ghosts=False)
        if dice.random() < 0.5:
            pen.point(dice, (x + tall * face.aspect, top + tall), tall * 0.14, 1.0, comma=False)
        x += pitch * float(dice.choice([1.0, 1.3]))


def _row(pen: Pen, dice: Dice, plan: Layout, room: float, *, above: bool) -> None:
    """Draws the neighbouring row's edge, as a crop takes along the feet of the row above."""
    tall = plan.height * float(dice.uniform(0.7, 1.1))
    seen = min(room - 2.0, tall * 0.5) * float(dice.uniform(0.3, 1.0))
    top = seen - tall if above else plan.top + plan.height + room - seen
    x = plan.left + float(dice.uniform(-1, 1)) * plan.pitch
    for _ in range(plan.places):
        pen.digit(dice, str(dice.integers(10)), (x, top, plan.pitch * 0.75, tall), ghosts=False)
        x += plan.pitch
