"""Draws a display: window, lines of digits, and the signs that stand beside them."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from ocr.training.scenes_digits import Colour, Hand, Picture, fill, ink_box, mix, shapes, some_hand
from ocr.training.scenes_surface import box, gradient, lift, some_colour, write

Box = tuple[float, float, float, float]
UNITS = ("kWh", "kW h", "kVA", "V", "A", "W", "Hz", "g", "kg", "Lb", "mV", "L1 L2 L3", "T1", "NT", "HT", "DC", "C")


@dataclass(frozen=True, slots=True)
class Plan:
    """What one display shows; the height is that of its main digits in pixels."""

    hand: Hand
    height: float
    texts: tuple[str, ...]
    line_step: float
    margins: tuple[float, float, float, float]  # left, top, right, bottom in heights
    window: Colour
    ink: Colour
    led: bool
    ghost: float
    bare: bool  # no window of its own: the picture is the window


def some_text(rng: Generator) -> str:
    """Digits as meters, pumps and scales show them: leading zeros, blanks, a point, a minus."""
    count = int(rng.choice([1, 2, 3, 4, 5, 6, 7, 8, 9], p=[0.01, 0.04, 0.11, 0.2, 0.2, 0.18, 0.13, 0.1, 0.03]))
    digits = "".join(rng.choice(list("0123456789"), count))
    if rng.random() < 0.4:
        zeros = rng.integers(0, count + 1)
        digits = "0" * zeros + digits[zeros:]
    if rng.random() < 0.65 and count > 1:
        place = int(rng.integers(1, count))
        digits = digits[:place] + "." + digits[place:]
    return digits


def some_colours(rng: Generator) -> tuple[Colour, Colour, bool]:
    """Window, ink, and whether it shines."""
    kind = rng.random()
    if kind < 0.24:  # red, green, white, blue, yellow LEDs behind dark glass
        window = some_colour(rng, 0, 60, 25)
        return window, _shade(int(rng.choice([0, 0, 0, 3, 15, 30, 60, 100, 120])), int(rng.integers(0, 256)), 255), True
    if kind < 0.5:  # backlights of strong colour
        window = _shade(int(rng.integers(0, 180)), int(rng.integers(60, 256)), int(rng.integers(80, 256)))
        if rng.random() < 0.15:  # light digits on a coloured ground
            return window * rng.uniform(0.3, 0.8), mix(window, np.full(3, 255.0), rng.uniform(0.5, 1)), False
        return window, window * rng.uniform(0, 0.7), False
    window = some_colour(rng, 40, 235, 22)  # the bare LCD, grey, greenish, often dark and weak
    if rng.random() < 0.06:
        return window * 0.4, mix(window, np.full(3, 255.0), 0.6), False
    return window, window * rng.uniform(0.05, 0.88), False


def _shade(hue: int, saturation: int, value: int) -> Colour:
    return np.asarray(
        cv2.cvtColor(np.array([[[hue, saturation, value]]], np.uint8), cv2.COLOR_HSV2BGR)[0, 0], np.float64
    )


def some_plan(rng: Generator, height: float, widest: float, *, bare: bool) -> Plan:
    """Dice for a display whose digits have about a height and whose lines are no wider than given."""
    hand = some_hand(rng)
    window, ink, led = some_colours(rng)
    rows = int(rng.choice([1, 2, 3], p=[0.8, 0.14, 0.06]))
    texts = tuple(some_text(rng) for _ in range(rows))
    width = max(ink_box(hand, text)[1] for text in texts)
    height = min(height, widest / width)
    margins = rng.uniform(0.05, 0.9, 4) * (1, 0.7, 1, 0.7) + rng.choice([0, 0, 2], 4) * rng.random(4) * (2, 0.5, 1, 0.5)
    return Plan(
        hand, height, texts, rng.uniform(1.12, 1.9), tuple(margins.tolist()), window, ink, led,
        ghost=float(rng.choice([0, rng.uniform(0, 0.25)])), bare=bare,
    )  # fmt: skip


def extent(plan: Plan) -> tuple[float, float]:
    """Width and height of the window in pixels."""
    left, top, right, bottom = plan.margins
    width = max(ink_box(plan.hand, text)[1] for text in plan.texts)
    return (width + left + right) * plan.height, (
        1 + plan.line_step * (len(plan.texts) - 1) + top + bottom
    ) * plan.height


def display(rng: Generator, picture: Picture, at: tuple[float, float], plan: Plan) -> list[Box]:
    """Draws it with its left top corner at a point; gives x, y, w, h of each line's ink."""
    h = plan.height
    width, tall = extent(plan)
    if not plan.bare:
        rim = h * rng.uniform(0.02, 0.35)
        frame = mix(plan.window, some_colour(rng), rng.random())
        box(picture, (at[0] - rim, at[1] - rim), (width + 2 * rim, tall + 2 * rim), frame, rim * rng.choice([0, 1]))
        box(picture, at, (width, tall), plan.window, rim * rng.choice([0, 0.5]))
        _caption(rng, picture, (at[0] - rim, at[1] - rim, width + 2 * rim, tall + 2 * rim), h)
    _uneven(rng, picture, (at[0], at[1], width, tall))
    _signs(rng, picture, at, (width, tall), plan)
    boxes = []
    right_end = at[0] + width - plan.margins[2] * h
    for row, text in enumerate(plan.texts):
        start, end = ink_box(plan.hand, text)
        x = right_end - end * h  # numbers stand at the right
        y = at[1] + (plan.margins[1] + row * plan.line_step) * h
        _ink(rng, picture, (x, y), plan, text)
        boxes.append((x + start * h, y, (end - start) * h, h))
    if not plan.led and not rng.integers(3):
        _code(rng, picture, boxes[0], plan)
    return boxes


def _caption(rng: Generator, picture: Picture, frame: Box, digit: float) -> None:
    """Large print right under, above or beside the window, as LITRES at a pump: it is no number."""
    if rng.random() < 0.55:
        return
    tall = digit * rng.uniform(0.25, 0.9)
    x, y, w, h = frame
    side = rng.choice([x + rng.uniform(-0.1, 0.8) * w, x + w + 0.2 * digit], p=[0.85, 0.15])
    foot = y + h + tall * rng.uniform(1.15, 1.9) if rng.random() < 0.65 else y - tall * rng.uniform(0.2, 0.6)
    light = (
        picture[int(np.clip(foot, 0, picture.shape[0] - 1)), int(np.clip(side, 0, picture.shape[1] - 1))].mean() > 110
    )
    write(rng, picture, (side, foot), tall, some_colour(rng, 0, 70) if light else some_colour(rng, 170, 255))


def _uneven(rng: Generator, picture: Picture, place: Box) -> None:
    """A backlight is brighter on one side."""
    x, y, w, h = (round(v) for v in place)
    part = np.ascontiguousarray(picture[max(0, y) : max(0, y + h), max(0, x) : max(0, x + w)])
    if part.size:
        lift(part, gradient(rng, (part.shape[0], part.shape[1]), rng.uniform(0, 18)))
        picture[max(0, y) : max(0, y + h), max(0, x) : max(0, x + w)] = part


def _ink(rng: Generator, picture: Picture, origin: tuple[float, float], plan: Plan, text: str) -> None:
    hand, h = plan.hand, plan.height
    if plan.ghost:
        blanks = "8" * (len(text.replace(".", "")) + int(rng.integers(0, 3)))
        extra = (len(blanks) - len(text.replace(".", ""))) * hand.pitch * h
        fill(
            picture,
            shapes(hand, blanks, ghost=True),
            (origin[0] - extra, origin[1]),
            h,
            mix(plan.window, plan.ink, plan.ghost),
        )
    if not plan.led and rng.random() < 0.4:  # the shadow on the reflector behind the liquid crystal
        away = rng.uniform(-0.09, 0.09, 2) * h
        fill(
            picture,
            shapes(hand, text),
            (origin[0] + away[0], origin[1] + away[1]),
            h,
            mix(plan.window, plan.ink, rng.uniform(0.1, 0.4)),
        )
    if plan.led:
        _glow(rng, picture, origin, plan, text)
    fill(picture, shapes(hand, text), origin, h, plan.ink)


def _glow(rng: Generator, picture: Picture, origin: tuple[float, float], plan: Plan, text: str) -> None:
    light = np.zeros_like(picture)
    fill(light, shapes(plan.hand, text), origin, plan.height, plan.ink)
    light = cv2.GaussianBlur(light, (0, 0), max(0.6, plan.height * rng.uniform(0.03, 0.15)))
    cv2.addWeighted(picture, 1, light, rng.uniform(0.1, 0.9), 0, dst=picture)


def _signs(rng: Generator, picture: Picture, at: tuple[float, float], size: tuple[float, float], plan: Plan) -> None:
    """Units, arrows, phases, bars at the rim of the window."""
    h = plan.height
    for _ in range(rng.choice([0, 1, 2, 5])):
        tall = h * rng.uniform(0.12, 0.45)
        x, y = (
            at[0] + rng.uniform(0, 1) * size[0],
            at[1] + rng.choice([rng.uniform(0.02, 0.15), rng.uniform(0.85, 1)]) * size[1],
        )
        kind = rng.random()
        if kind < 0.6:
            write(rng, picture, (x, y), tall, plan.ink, words=str(rng.choice(UNITS)))
        elif kind < 0.8:
            points = np.array([[x, y], [x + tall, y], [x + tall / 2, y + tall * rng.choice([-0.8, 0.8])]])
            cv2.fillPoly(picture, [points.astype(np.int32)], plan.ink.tolist(), cv2.LINE_AA)
        else:
            box(picture, (x, y), (tall * rng.uniform(0.3, 3), tall * 0.4), plan.ink)
    right = at[0] + size[0] - plan.margins[2] * h
    if plan.margins[2] > 0.5:
        write(
            rng,
            picture,
            (right + 0.15 * h, at[1] + (plan.margins[1] + rng.uniform(0.4, 1)) * h),
            h * rng.uniform(0.2, 0.45),
            plan.ink,
            words=str(rng.choice(UNITS)),
        )


def _code(rng: Generator, picture: Picture, line: Box, plan: Plan) -> None:
    """The register's code (1.8.0) in digits of half the size: left of the number, above or below it."""
    code = str(rng.choice(["1.8.0", "15.8.0", "2.8.0", "1.8.1", "180", "1", "02", "t"]))
    code = code.replace("t", "6")
    h = plan.height * rng.uniform(0.35, 0.6)
    _, wide = ink_box(plan.hand, code)
    places = [
        (line[0] - (0.25 + rng.uniform(0, 0.6)) * plan.height - wide * h, line[1] + rng.choice([0, plan.height - h])),
        (line[0] + rng.uniform(-0.5, 1) * plan.height, line[1] + plan.height * rng.uniform(1.1, 1.3)),
    ]
    fill(picture, shapes(plan.hand, code), places[rng.integers(2)], h, plan.ink)
