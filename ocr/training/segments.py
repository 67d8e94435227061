"""The geometry of a seven-segment digit: which segments a digit lights, and their outlines in many makers' shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]

# a = top, b = upper right, c = lower right, d = bottom, e = lower left, f = upper left, g = middle
LIT: Final = {
    "0": "abcdef",
    "1": "bc",
    "2": "abged",
    "3": "abgcd",
    "4": "fgbc",
    "5": "afgcd",
    "6": "afgcde",
    "7": "abc",
    "8": "abcdefg",
    "9": "abcdfg",
    " ": "",
    "-": "g",
    "A": "abcefg",
    "C": "adef",
    "E": "adefg",
    "F": "aefg",
    "P": "abefg",
    "t": "defg",
}


@dataclass(frozen=True)
class Face:
    """How one maker draws digits; lengths are fractions of a digit's height."""

    shape: str
    aspect: float
    stroke: float
    gap: float
    slant: float
    hooked_seven: bool = False
    tailless_six: bool = False
    tailless_nine: bool = False

    def lit(self, character: str) -> str:
        """The segments that this face lights for a character."""
        if character == "7" and self.hooked_seven:
            return "abcf"
        if character == "6" and self.tailless_six:
            return "fgcde"
        if character == "9" and self.tailless_nine:
            return "abcfg"
        return LIT[character]

    def outlines(self) -> dict[str, Points]:
        """Each segment's convex outline in a box `aspect` wide and 1 high, upright."""
        make = {"bevel": _bevel, "hexagon": _hexagon, "rectangle": _rectangle, "rounded": _rounded}[self.shape]
        return make(self.aspect, self.stroke, self.gap)


def _points(*xy: tuple[float, float]) -> Points:
    return np.array(xy, np.float32)


def _bevel(w: float, t: float, g: float) -> dict[str, Points]:
    """Mitred corners, a pointed middle bar: most LCDs."""
    h = t / 2
    m = 0.5
    return {
        "a": _points((g, 0), (w - g, 0), (w - g - t, t), (g + t, t)),
        "d": _points((g + t, 1 - t), (w - g - t, 1 - t), (w - g, 1), (g, 1)),
        "f": _points((0, g), (t, g + t), (t, m - h - g / 2), (h, m - g / 2), (0, m - g)),
        "e": _points((0, m + g), (h, m + g / 2), (t, m + h + g / 2), (t, 1 - g - t), (0, 1 - g)),
        "b": _points((w, g), (w - t, g + t), (w - t, m - h - g / 2), (w - h, m - g / 2), (w, m - g)),
        "c": _points((w, m + g), (w - h, m + g / 2), (w - t, m + h + g / 2), (w - t, 1 - g - t), (w, 1 - g)),
        "g": _points(
            (g + h, m), (g + t, m - h), (w - g - t, m - h), (w - g - h, m), (w - g - t, m + h), (g + t, m + h)
        ),
    }


def _bars(w: float, t: float) -> dict[str, tuple[float, float, float, float]]:
    """The middle line of each segment: x1, y1, x2, y2."""
    h = t / 2
    return {
        "a": (h, h, w - h, h),
        "g": (h, 0.5, w - h, 0.5),
        "d": (h, 1 - h, w - h, 1 - h),
        "f": (h, h, h, 0.5),
        "b": (w - h, h, w - h, 0.5),
        "e": (h, 0.5, h, 1 - h),
        "c": (w - h, 0.5, w - h, 1 - h),
    }


def _along(bar: tuple[float, float, float, float], ends: list[tuple[float, float]], inset: float) -> Points:
    """An outline from one end's points (distance along, distance aside), mirrored to the other end."""
    x1, y1, x2, y2 = bar
    length = max(abs(x2 - x1), abs(y2 - y1))
    near = [(u + inset, v) for u, v in ends]
    far = [(length - u - inset, -v) for u, v in ends]
    if y1 == y2:
        return _points(*((x1 + u, y1 + v) for u, v in near + far))
    return _points(*((x1 + v, y1 + u) for u, v in near + far))


def _hexagon(w: float, t: float, g: float) -> dict[str, Points]:
    """Six corners each, pointed at both ends: LED modules."""
    h = t / 2
    ends = [(h, h), (0.0, 0.0), (h, -h)]
    return {name: _along(bar, ends, g / 1.4) for name, bar in _bars(w, t).items()}


def _rectangle(w: float, t: float, g: float) -> dict[str, Points]:
    """Plain bars with cut ends."""
    h = t / 2
    ends = [(0.0, h), (0.0, -h)]
    return {name: _along(bar, ends, (h if bar[0] == bar[2] else 0.0) + g / 2) for name, bar in _bars(w, t).items()}


def _rounded(w: float, t: float, g: float) -> dict[str, Points]:
    """Bars with round ends."""
    h = t / 2
    angles = np.linspace(np.pi / 2, -np.pi / 2, 7)
    ends = [(float(h - h * np.cos(a)), float(h * np.sin(a))) for a in angles]
    return {name: _along(bar, ends, g / 2) for name, bar in _bars(w, t).items()}
