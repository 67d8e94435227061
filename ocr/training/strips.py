"""One strip: a grey picture of a number as the reader is given it, what it says, and where its digits are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr.recognise import views
from ocr.training import drawing, lens, light, style
from ocr.training.drawing import Glyph


@dataclass(frozen=True)
class Strip:
    """A rendered strip with the truth about it."""

    image: NDArray[np.uint8]
    text: str
    glyphs: tuple[Glyph, ...]


def render(seed: int, width: int = 256, height: int = 32) -> Strip:
    """Draws the strip of this seed, always the same one."""
    dice = np.random.default_rng(seed)
    straightened = bool(dice.random() < 0.3)  # as the reader hands it over at its second look
    face, look = style.face(dice, upright=straightened), style.look(dice)
    plan = style.straight(dice, width, height) if straightened else style.layout(dice, width, height)
    size = (width, height)
    pen = drawing.Pen(face, look, drawing.perspective(dice, width, height, 0.4 if straightened else 1.0), size)
    glyphs = drawing.number(pen, dice, face, plan)
    if dice.random() < 0.65:
        drawing.surroundings(pen, dice, plan, size, face)
    picture = light.expose(dice, drawing.Drawing(pen.ink, pen.ghost, glyphs), look, plan)
    image = lens.photograph(dice, light.disturb(dice, picture, abs(look.face_level - look.ink_level)), size)
    if dice.random() < 0.15:
        image = views.even(image)
    return Strip(image, plan.text.strip(), tuple(glyphs))
