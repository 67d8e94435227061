"""Finds a minimum without derivatives: the simplex of Nelder and Mead (Computer Journal 7, 1965), deterministic."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Point = Sequence[float]
_Vertex = tuple[float, Point]


def minimum(
    function: Callable[[Point], float], begin: Point, step: float, calls: int, precision: float = 1e-4
) -> _Vertex:
    """The least value that was found in about so many calls, and where."""
    corners: list[Point] = [begin, *(_moved(begin, i, step) for i in range(len(begin)))]
    simplex = [(function(corner), corner) for corner in corners]
    used = len(simplex)
    while used < calls:
        simplex.sort(key=lambda vertex: vertex[0])
        if simplex[-1][0] - simplex[0][0] <= precision * abs(simplex[0][0]):
            break
        used += _improve(function, simplex)
    return min(simplex, key=lambda vertex: vertex[0])


def _moved(point: Point, axis: int, step: float) -> Point:
    return [value + (step if i == axis else 0.0) for i, value in enumerate(point)]


def _between(a: Point, b: Point, part: float) -> Point:
    return [x + part * (y - x) for x, y in zip(a, b, strict=True)]


def _improve(function: Callable[[Point], float], simplex: list[_Vertex]) -> int:
    """One step of a sorted simplex; how often the function was called."""
    best, second, worst = simplex[0], simplex[-2], simplex[-1]
    others = [corner for _, corner in simplex[:-1]]
    centre = [sum(axis) / len(others) for axis in zip(*others, strict=True)]

    def tried(part: float) -> _Vertex:
        point = _between(centre, worst[1], part)
        return function(point), point

    reflected = tried(-1.0)
    if best[0] <= reflected[0] < second[0]:
        simplex[-1] = reflected
        return 1
    if reflected[0] < best[0]:
        simplex[-1] = min(reflected, tried(-2.0), key=lambda vertex: vertex[0])
        return 2
    contracted = tried(-0.5 if reflected[0] < worst[0] else 0.5)
    if contracted[0] < min(reflected[0], worst[0]):
        simplex[-1] = contracted
        return 2
    for i, (_, corner) in enumerate(simplex[1:], 1):
        point = _between(best[1], corner, 0.5)
        simplex[i] = function(point), point
    return 1 + len(simplex)
