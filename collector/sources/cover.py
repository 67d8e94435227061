"""Finds the cheapest spans that cover all wanted registers, each at its own pace: exact, by dynamic programming.

Going through the registers in order of address, the state is where the open span of each pace began. A span may serve
registers that want a slower pace, and may run across registers that a faster span reads. A state is dropped only when
another one reaches at least as far for less, even if it has to begin its spans anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from collector.devices.map import Register
from collector.sources.learned import Hole
from collector.sources.linetime import LineTime

#: No span of this pace is open.
CLOSED = -1


@dataclass(frozen=True, slots=True)
class Wanted:
    """A register from `address` up to `end`, wanted every `period` s."""

    address: int
    end: int
    period: float
    register: Register


@dataclass(frozen=True, slots=True)
class Span:
    """Registers from `address` up to `end` that one request reads every `period` s."""

    address: int
    end: int
    period: float


#: Where the open span of each pace began, fastest pace first.
_State = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Path:
    """Cost so far (ms on the line per s) and the states after each register, newest first."""

    cost: float
    state: _State
    before: _Path | None


@dataclass(frozen=True, slots=True)
class _Edge:
    """The next register: its end, by how much it lengthens an open span, its pace, whether an open span gets there."""

    end: int
    growth: int
    pace: int
    passable: bool


def cheapest_cover(
    wanted: Sequence[Wanted], cost: LineTime, longest: int, passable: Callable[[Hole], bool]
) -> list[Span]:
    """The spans with the least ms on the line per second; none longer than `longest` registers.

    `wanted`: in order of address. `passable`: whether a hole may be read along.
    """
    if not wanted:
        return []
    search = _Search(wanted, cost, longest, passable)
    return search.spans(min(search.paths(), key=lambda path: path.cost))


class _Search:
    def __init__(
        self, wanted: Sequence[Wanted], cost: LineTime, longest: int, passable: Callable[[Hole], bool]
    ) -> None:
        self._wanted = wanted
        self._periods = sorted({one.period for one in wanted})
        self._base = [cost.base / period for period in self._periods]
        self._per_register = [2 * cost.per_byte / period for period in self._periods]
        self._longest = longest
        self._passable = passable

    def paths(self) -> list[_Path]:
        """The best paths through all registers."""
        paths = [_Path(0.0, (CLOSED,) * len(self._periods), None)]
        end = self._wanted[0].address
        for one in self._wanted:
            passable = one.address <= end or self._passable((end, one.address))
            edge = _Edge(max(end, one.end), max(0, one.end - end), self._periods.index(one.period), passable)
            paths = self._best(step for path in paths for step in self._steps(path, one, edge))
            end = edge.end
        return paths

    def _steps(self, path: _Path, one: Wanted, edge: _Edge) -> Iterator[_Path]:
        """Every way to go on: each pace's span ends here, goes on or begins anew; one must serve the register."""
        ways = [list(self._ways(k, start, one, edge)) for k, start in enumerate(path.state)]
        for way in product(*ways):
            state = tuple(start for start, _ in way)
            if any(start != CLOSED for start in state[: edge.pace + 1]):
                yield _Path(path.cost + sum(more for _, more in way), state, path)

    def _ways(self, k: int, start: int, one: Wanted, edge: _Edge) -> Iterator[tuple[int, float]]:
        yield CLOSED, 0.0
        if start != CLOSED and edge.passable and edge.end - start <= self._longest:
            yield start, self._per_register[k] * edge.growth
        if k <= edge.pace:
            yield one.address, self._base[k] + self._per_register[k] * (one.end - one.address)

    def _best(self, steps: Iterator[_Path]) -> list[_Path]:
        """Drops every path that another one beats."""
        best: list[_Path] = []
        for path in sorted(steps, key=lambda path: path.cost):
            if not any(other.cost + self._handicap(other.state, path.state) <= path.cost + 1e-9 for other in best):
                best.append(path)
        return best

    def _handicap(self, ahead: _State, behind: _State) -> float:
        """What `ahead` would have to pay at most to reach wherever `behind` reaches."""
        return sum(
            base for base, a, b in zip(self._base, ahead, behind, strict=True) if b != CLOSED and (a == CLOSED or a < b)
        )

    def spans(self, path: _Path) -> list[Span]:
        """The spans of a path, read from its end."""
        steps: list[_State] = []
        walk: _Path | None = path
        while walk is not None and walk.before is not None:
            steps.append(walk.state)
            walk = walk.before
        steps.reverse()
        ends: dict[tuple[int, int], int] = {}
        for one, state in zip(self._wanted, steps, strict=True):
            for k, start in enumerate(state):
                if start != CLOSED:
                    ends[k, start] = max(ends.get((k, start), 0), one.end)
        return [Span(start, end, self._periods[k]) for (k, start), end in ends.items()]
