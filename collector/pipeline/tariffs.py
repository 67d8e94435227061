"""Sees that a tariff's counter goes on where another tariff's stood: two exchanged their places, or one took over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from collector.model.quantity import TARIFFS
from collector.pipeline.accident import CHANCE
from collector.pipeline.counter import CONFIRMATIONS, Counter


@dataclass(frozen=True, slots=True)
class Exchange:
    """`counter` goes on where `other` stood; `added`: what it counted since. `held`: it was not said often enough."""

    counter: str
    other: str
    added: float
    held: bool


class Tariffs:
    """The tariffs of one energy. `counters`: those that the meter has, by name."""

    def __init__(self, counters: Mapping[str, Counter]) -> None:
        self._counters = counters
        self._said: dict[frozenset[str], int] = {}

    def look(self, values: Mapping[str, float | None], now: float) -> list[Exchange]:
        """What is, or may be, exchanged in this reading."""
        known = {
            name: value * counter.factor
            for name, counter in self._counters.items()
            if (value := values.get(name)) is not None and counter.value is not None and not counter.balance
        }
        found: list[Exchange] = []
        seen: dict[frozenset[str], int] = {}
        for first, second in combinations(known, 2):
            moved = [each.counter for each in found]
            if first in moved or second in moved:
                continue
            pairs = self._crossed(first, second, known, now)
            key = frozenset(f"{a} {b}" for a, b in pairs)
            if pairs:
                seen[key] = self._said.get(key, 0) + 1
                held = seen[key] < CONFIRMATIONS
                found += [Exchange(a, b, known[a] - self._value(b), held) for a, b in pairs]
        self._said = seen
        return found

    def _crossed(self, a: str, b: str, known: Mapping[str, float], now: float) -> list[tuple[str, str]]:
        """(counter, where it goes on) of each that moved; nothing where both can have gone on by themselves."""
        straight = {name for name in (a, b) if self._follows(name, name, known, now)}
        if len(straight) == 2:
            return []
        if self._follows(a, b, known, now) and self._follows(b, a, known, now):
            return [(a, b), (b, a)]
        for one, other in ((a, b), (b, a)):
            near = self._counters[other].reach(now, self._value(other)) <= CHANCE * self._value(other)
            if one not in straight and other in straight and near and self._follows(one, other, known, now):
                return [(one, other)]
        return []

    def _follows(self, name: str, other: str, known: Mapping[str, float], now: float) -> bool:
        """Whether the counter's value now can be what `other` went on to."""
        stood = self._value(other)
        return 0.0 <= known[name] - stood <= self._counters[other].reach(now, stood)

    def _value(self, name: str) -> float:
        return self._counters[name].value or 0.0


def families(counters: Mapping[str, Counter]) -> Iterator[Tariffs]:
    """The tariffs of each energy of which the meter counts several."""
    bases = dict.fromkeys(name[:-3] for name in counters if name.endswith(tuple(f"_{t}" for t in TARIFFS)))
    for base in bases:
        names = [f"{base}_{tariff}" for tariff in TARIFFS if f"{base}_{tariff}" in counters]
        if len(names) > 1:
            yield Tariffs({name: counters[name] for name in names})
