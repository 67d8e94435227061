"""Draws the sparkline: the last hour of one quantity as one stepped line, gaps left open, before what was expected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from collector.model.insight import ResultRow
from collector.model.series import Series
from collector.web.wording import Scale, figure

#: The drawing's own units; the page stretches it.
WIDTH, HEIGHT, MARGIN = 360.0, 60.0, 3.0
HOUR_MS, MINUTE_MS = 3_600_000, 60_000


@dataclass(frozen=True, slots=True)
class LastHour:
    """What the drawing is made of: the minutes of an hour, and the rows of `forecast_hour` that reach into it."""

    minutes: Series
    expected: Sequence[ResultRow]


@dataclass(frozen=True, slots=True)
class Spark:
    """`path`, `band`: SVG path data; `low`, `high`: the lowest and highest minute; `zero`: height of 0, if in sight.

    `expected`: between what this hour's mean was expected, (low, high); None where nothing was forecast.
    """

    path: str
    band: str
    low: str
    high: str
    zero: float | None
    expected: tuple[str, str] | None


def spark(hour: LastHour, quantity: str, scale: Scale) -> Spark | None:
    """The sparkline of an hour of minutes; None if there is nothing to draw."""
    column = hour.minutes.columns.get(quantity)
    points = (
        [(at, v) for at, v in zip(hour.minutes.times, column.value, strict=True) if v is not None] if column else []
    )
    if not points:
        return None
    low, high = min(value for _, value in points), max(value for _, value in points)
    # A flat line is drawn in the middle, and noise of a thousandth is not blown up to the full height.
    reach = max(high - low, abs(high) / 100, 1e-9)
    told = [_ends(row) for row in hour.expected]
    # The band may take as much room again on each side; a wide one would leave no line to be seen.
    bottom = max(min([low, *(each[1] for each in told)]), low - reach)
    top = min(max([high, *(each[2] for each in told)]), high + reach)
    reach, middle = max(top - bottom, reach), (top + bottom) / 2

    def height(value: float) -> float:
        return round(HEIGHT / 2 - (value - middle) / reach * (HEIGHT - 2 * MARGIN), 1)

    start = points[-1][0] + MINUTE_MS - HOUR_MS
    path = " ".join(_steps(points, start, height))
    band = " ".join(_areas(told, start, height))
    zero = height(0.0) if bottom < 0 < top else None
    newest = ("".join(figure(told[-1][1], scale)), "".join(figure(told[-1][2], scale))) if band else None
    return Spark(path, band, "".join(figure(low, scale)), "".join(figure(high, scale)), zero, newest)


def _ends(row: ResultRow) -> tuple[int, float, float]:
    """(start, low, high) of an expected hour."""
    return int(str(row["time"])), float(str(row["low"])), float(str(row["high"]))


def _areas(told: Sequence[tuple[int, float, float]], start: int, height: Callable[[float], float]) -> Iterator[str]:
    """Each expected hour as a rectangle, cut off at the edges of the drawing."""
    for at, *ends in told:
        left, right = (min(max((moment - start) / HOUR_MS * WIDTH, 0.0), WIDTH) for moment in (at, at + HOUR_MS))
        low, high = (min(max(height(end), 0.0), HEIGHT) for end in ends)
        if right > left and low > high:
            yield f"M{left:.1f} {high}H{right:.1f}V{low}H{left:.1f}Z"


def _steps(points: list[tuple[int, float]], start: int, height: Callable[[float], float]) -> Iterator[str]:
    before = None
    for at, value in points:
        left, right = ((moment - start) / HOUR_MS * WIDTH for moment in (at, at + MINUTE_MS))
        joined = before is not None and at - before <= MINUTE_MS
        yield f"{'L' if joined else 'M'}{left:.1f} {height(value)}H{right:.1f}"
        before = at
