"""A place in a picture where a line of digits stands."""

from dataclasses import dataclass

Corner = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Found:
    """Corners (top left, top right, bottom right, bottom left as one reads) in pixels, and how sure: 0 to 1.

    The corners have a small margin around the digits and may lie beyond the picture's edge. They are measured as with a
    ruler: the middle of the first pixel is (0.5, 0.5).
    """

    quad: tuple[Corner, Corner, Corner, Corner]
    score: float
