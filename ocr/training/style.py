"""The dice: what a display may look like and how a camera may spoil it, drawn from one seeded generator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocr.recognise import views
from ocr.training.segments import Face

Dice = np.random.Generator


def face(dice: Dice, *, upright: bool) -> Face:
    """A maker's way of drawing digits."""
    shape = str(dice.choice(["bevel", "hexagon", "rectangle", "rounded"], p=[0.55, 0.2, 0.13, 0.12]))
    stroke = float(np.clip(dice.normal(0.125, 0.035), 0.06, 0.21))
    return Face(
        shape=shape,
        aspect=float(dice.uniform(0.42, 0.68)),
        stroke=stroke,
        gap=float(abs(dice.normal(0.0, 0.02))) if dice.random() < 0.8 else float(dice.uniform(0.02, 0.07)),
        slant=float(
            dice.normal(0, 0.02)
            if upright
            else dice.choice([0.0, dice.uniform(0.03, 0.12), dice.uniform(0.1, 0.22)], p=[0.4, 0.35, 0.25])
        ),
        hooked_seven=bool(dice.random() < 0.4),
        tailless_six=bool(dice.random() < 0.1),
        tailless_nine=bool(dice.random() < 0.12),
    )


def number(dice: Dice, digits: int) -> str:
    """A digit string as meters show them: often zero-padded, sometimes all alike, else even over all digits."""
    kind = dice.random()
    if kind < 0.04:
        return str(dice.integers(10)) * digits
    values = dice.integers(0, 10, digits)
    if kind < 0.4:
        values[: dice.integers(0, digits)] = 0
    elif kind < 0.48:
        values = dice.choice([0, 1, 8, int(dice.integers(10))], digits)
    return "".join(str(value) for value in values)


@dataclass(frozen=True)
class Look:
    """Colours and light of the display itself; contrasts are fractions of the way from face to ink."""

    face_level: float
    ink_level: float
    ghost: float
    shadow: float
    shadow_at: tuple[float, float]
    fading: float
    halo: float
    slope: float  # how the contrast changes from left to right, as seen from aside


def look(dice: Dice) -> Look:
    """A display's light: dark digits on a light face mostly, bright ones on dark for LEDs and negative LCDs."""
    contrast = float(np.clip(np.exp(dice.normal(np.log(0.35), 0.75)), 0.045, 0.95))
    level = float(dice.uniform(0.12, 0.95))
    bright = dice.random() < 0.28
    if bright:
        level = float(dice.uniform(0.02, 0.45))
        ink = min(1.0, level + contrast * (1 - level) * 1.3)
    else:
        ink = level * (1 - contrast)
    shadowed = not bright and dice.random() < 0.45
    return Look(
        face_level=level,
        ink_level=ink,
        ghost=float(dice.choice([0.0, dice.uniform(0.02, 0.15), dice.uniform(0.1, 0.35)], p=[0.5, 0.35, 0.15])),
        shadow=float(dice.uniform(0.1, 0.6)) if shadowed else 0.0,
        shadow_at=(float(dice.normal(0, 0.06)), float(dice.uniform(-0.02, 0.12))),
        fading=float(dice.choice([0.0, dice.uniform(0, 0.25), dice.uniform(0.2, 0.6)], p=[0.6, 0.3, 0.1])),
        halo=float(dice.choice([dice.uniform(0.1, 0.7), dice.uniform(0.7, 2.5)]))
        if bright and dice.random() < 0.5
        else 0.0,
        slope=float(dice.normal(0, 0.35)) if dice.random() < 0.3 else 0.0,
    )


@dataclass(frozen=True)
class Layout:
    """Where the number stands in the strip; sizes in pixels of the strip."""

    text: str
    places: int
    pitch: float
    left: float
    top: float
    height: float
    point_room: float
    comma: bool
    small: tuple[int, float]  # how many of the last digits are smaller, and how high they are beside the others

    @property
    def end(self) -> float:
        """Where the last digit ends."""
        whole = len(self.text.replace(".", "")) - self.small[0] * (1 - self.small[1])
        return self.left + (whole + (self.point_room if "." in self.text else 0.0)) * self.pitch


def straight(dice: Dice, width: int, height: int) -> Layout:
    """A number that fills the strip as the reader's second look shows it."""
    places = min(10, max(2, round((width - 1.3 * views.PITCH) / (views.PITCH * float(dice.uniform(0.88, 1.15))))))
    text, point_room, small = _words_of(dice, places)
    room = dice.normal(0.65, 0.12, 2)
    units = places - small[0] * (1 - small[1]) + room.sum() + (point_room if "." in text else 0.0)
    pitch = width / units
    tall = views.TALL * float(dice.normal(1, 0.07))
    top = (height - tall) / 2 + float(dice.normal(0, 1.0))
    return Layout(text, places, pitch, float(room[0] * pitch), top, tall, point_room, bool(dice.random() < 0.3), small)


#: So many displays are off, or covered: places that may be seen as ghosts, and no number.
OFF = 0.025
#: So many numbers are cut a little at one end, as corners that are marked too narrow do.
CUT = 0.08


def _words_of(dice: Dice, places: int) -> tuple[str, float, tuple[int, float]]:
    """The text with its point and blank places, the room the point takes, and how many last digits are how small."""
    if dice.random() < OFF:
        return " " * places, 0.0, (0, 1.0)
    text = number(dice, places)
    if dice.random() < 0.15:  # a display that blanks leading zeros
        blank = int(dice.integers(1, max(2, places - 1)))
        text = " " * blank + text[blank:]
    point_room = float(dice.choice([0.0, dice.uniform(0.05, 0.35)], p=[0.7, 0.3]))
    visible = len(text.strip())
    if dice.random() < 0.55 and visible > 1:
        after = int(dice.integers(1, min(visible, 5)))
        text = text[:-after] + "." + text[-after:]
    small = (0, 1.0)
    if dice.random() < 0.33:  # decimals in smaller digits
        small = (int(dice.choice([1, 2, 3], p=[0.65, 0.2, 0.15])) if places > 4 else 1, float(dice.uniform(0.33, 0.9)))
    return text, point_room, small


def layout(dice: Dice, width: int, height: int) -> Layout:
    """Digits, point and margins for a strip of this size."""
    places = int(dice.integers(max(2, width // 40), min(11, width // 18 + 1)))
    text, point_room, small = _words_of(dice, places)
    wide = dice.random() < 0.35
    room = dice.uniform(0.0, 0.9 if not wide else 0.25 * places + 0.5, 2)
    if dice.random() < CUT:
        room[dice.integers(2)] = -float(dice.uniform(0, 0.2))
    units = places - small[0] * (1 - small[1]) + room.sum() + (point_room if "." in text else 0.0)
    pitch = width / units
    if pitch < 14:
        pitch = 14.0
        room *= max(0.0, (width / pitch - places - 0.4) / max(room.sum(), 1e-6))
    kind = dice.random()
    if kind < 0.3:  # tight, sometimes cut a little
        above, below = dice.uniform(-0.04, 0.12, 2)
    elif kind < 0.85:
        above, below = dice.uniform(0.08, 0.4, 2)
    else:
        above, below = dice.uniform(0.2, 0.75, 2)
    tall = height / (1 + above + below)
    return Layout(
        text,
        places,
        pitch,
        float(room[0] * pitch),
        float(above * tall),
        float(tall),
        point_room,
        bool(dice.random() < 0.3),
        small,
    )
