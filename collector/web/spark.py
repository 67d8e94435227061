"""Draws the sparkline: the last hour of one quantity as one stepped line, gaps left open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from collector.model.series import Series
from collector.web.wording import Scale, figure

#: The drawing's own units; the page stretches it.
WIDTH, HEIGHT, MARGIN = 360.0, 60.0, 3.0
HOUR_MS, MINUTE_MS = 3_600_000, 60_000


@dataclass(frozen=True, slots=True)
class Spark:
    """`path`: SVG path data; `low`, `high`: the lowest and highest minute; `zero`: height of 0, if in sight."""

    path: str
    low: str
    high: str
    zero: float | None


def spark(hour: Series, quantity: str, scale: Scale) -> Spark | None:
    """The sparkline of an hour of minutes; None if there is nothing to draw."""
    column = hour.columns.get(quantity)
    points = [(at, v) for at, v in zip(hour.times, column.value, strict=True) if v is not None] if column else []
    if not points:
        return None
    low, high = min(value for _, value in points), max(value for _, value in points)
    # A flat line is drawn in the middle, and noise of a thousandth is not blown up to the full height.
    reach = max(high - low, abs(high) / 100, 1e-9)
    middle = (high + low) / 2

    def height(value: float) -> float:
        return round(HEIGHT / 2 - (value - middle) / reach * (HEIGHT - 2 * MARGIN), 1)

    path = " ".join(_steps(points, points[-1][0] + MINUTE_MS - HOUR_MS, height))
    zero = height(0.0) if low < 0 < high else None
    return Spark(path, "".join(figure(low, scale)), "".join(figure(high, scale)), zero)


def _steps(points: list[tuple[int, float]], start: int, height: Callable[[float], float]) -> Iterator[str]:
    before = None
    for at, value in points:
        left, right = ((moment - start) / HOUR_MS * WIDTH for moment in (at, at + MINUTE_MS))
        joined = before is not None and at - before <= MINUTE_MS
        yield f"{'L' if joined else 'M'}{left:.1f} {height(value)}H{right:.1f}"
        before = at
