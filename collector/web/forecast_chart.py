"""Draws what is expected of one quantity as one SVG: the band, the expected hours, and what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collector.web.wording import Scale, figure

#: The drawing's own units; the page stretches it.
WIDTH, HEIGHT, MARGIN = 720.0, 200.0, 6.0
HOUR_MS = 3_600_000

Point = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Drawing:
    """SVG paths: `band` is an area, the others lines; `now`: where the present is; `low`, `high`: ends of the scale."""

    band: str
    expected: str
    measured: str
    now: float
    low: str
    high: str


def drawing(
    told: Sequence[tuple[int, float, float, float]], measured: Sequence[Point], now: int, scale: Scale
) -> Drawing:
    """`told`: (time, value, low, high) of hours, in order of time; gaps are left open."""
    ends = [v for _, *values in told for v in values] + [value for _, value in measured]
    low, high = min(ends), max(ends)
    reach = max(high - low, abs(high) / 100, 1e-9)
    first = min(told[0][0], measured[0][0] if measured else told[0][0])
    length = max(told[-1][0] + HOUR_MS - first, 1)

    def x(time: float) -> float:
        return round((time - first) / length * WIDTH, 1)

    def y(value: float) -> float:
        return round(HEIGHT - MARGIN - (value - low) / reach * (HEIGHT - 2 * MARGIN), 1)

    middle = HOUR_MS / 2
    above = " ".join(f"{x(time + middle)},{y(top)}" for time, _, _, top in told)
    below = " ".join(f"{x(time + middle)},{y(bottom)}" for time, _, bottom, _ in reversed(told))
    return Drawing(
        f"M{above} {below}Z",
        _line([(x(time + middle), y(value), time) for time, value, _, _ in told]),
        _line([(x(time + middle), y(value), time) for time, value in measured]),
        x(now),
        "".join(figure(low, scale)),
        "".join(figure(high, scale)),
    )


def _line(points: Sequence[tuple[float, float, int]]) -> str:
    parts, before = [], None
    for left, height, time in points:
        parts.append(f"{'L' if before is not None and time - before <= HOUR_MS else 'M'}{left} {height}")
        before = time
    return " ".join(parts)
