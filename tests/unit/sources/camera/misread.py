"""Months of a meter before a camera that misreads digits, and what its judge makes of them."""

from __future__ import annotations

import bisect
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from collector.sources.camera.judge import Judge, Shown

#: The share of the installed power that is drawn at the reading of this number.
Load = Callable[[random.Random, int], float]


@dataclass(frozen=True)
class Plant:
    """`power`: W installed; `step`: Wh of the last digit; `every`: s between two readings."""

    power: float
    step: float
    every: float
    digits: int
    load: Load
    missed: float = 0.0  #: share of pictures that are refused as such
    starts: float | None = None  #: Wh

    @property
    def end(self) -> float:
        """Wh after which it shows zero."""
        return self.step * 10.0**self.digits


def household(dice: random.Random, _: int) -> float:
    """A fridge and lamps, now and then an oven or a boiler."""
    return 0.02 + (0.6 * dice.random() if dice.random() < 0.15 else 0.0)


PLANTS = {
    "household": Plant(14.5e3, 100.0, 900.0, 7, household),
    "household, pictures missing": Plant(14.5e3, 100.0, 300.0, 7, household, missed=0.05),
    "not rated": Plant(70e3, 100.0, 900.0, 7, lambda dice, _: 0.2 * household(dice, 0)),
    "two decimals": Plant(14.5e3, 10.0, 300.0, 8, household),
    "whole kWh": Plant(14.5e3, 1000.0, 300.0, 6, household),
    "hardly used": Plant(14.5e3, 100.0, 900.0, 7, lambda *_: 0.002),
    "any power": Plant(12e3, 100.0, 900.0, 7, lambda dice, _: dice.random()),
    "all its power": Plant(12e3, 100.0, 900.0, 7, lambda *_: 1.0),
    "pico-hydro at half": Plant(300.0, 10.0, 900.0, 6, lambda dice, _: 0.55 + 0.02 * dice.random(), missed=0.05),
    "pico-hydro in flood": Plant(3e3, 100.0, 900.0, 7, lambda dice, _: 0.9 + 0.02 * dice.random()),
}


@dataclass(frozen=True)
class Look:
    """One reading. `true`, `read`: Wh."""

    time: float
    true: float
    read: float


#: Changes the digits that are read of the look of this number.
Misreads = Callable[[str, int, random.Random], str]


def now_and_then(share: float) -> Misreads:
    """Each digit for itself is taken for any other."""

    def misread(shown: str, _: int, dice: random.Random) -> str:
        return "".join(dice.choice("0123456789".replace(d, "")) if dice.random() < share else d for d in shown)

    return misread


def looks(plant: Plant, seed: int, count: int, misread: Misreads) -> Iterator[Look]:
    """What is read, one after the other."""
    dice = random.Random(seed)
    wh = dice.random() * plant.end if plant.starts is None else plant.starts
    share = 0.0
    for number in range(count):
        if number % 4 == 0:
            share = plant.load(dice, number)
        wh = (wh + share * plant.power * plant.every / 3600.0) % plant.end
        if dice.random() < plant.missed:
            continue
        shown = str(int(wh // plant.step)).zfill(plant.digits)
        read = misread(shown, number, dice)
        yield Look((number + 1) * plant.every, int(shown) * plant.step, int(read) * plant.step)


@dataclass
class Tally:
    """What became of months of readings. `beyond`: how many times what can be, of each value that should not be."""

    looks: int = 0
    true: int = 0
    kept: int = 0  #: true ones that count
    wrong: int = 0  #: others that count
    barred: int = 0  #: wrong ones for which the next true one, which contradicts them, does not count
    late: float = 0.0  #: periods until a reading counts, mean
    beyond: list[float] = field(default_factory=list)

    @property
    def lost(self) -> float:
        """The share of true readings that do not count."""
        return 1.0 - self.kept / self.true


def judged(plant: Plant, seen: Iterator[Look]) -> Tally:
    """Lets the judge rule on all of them, and compares what counts with the truth."""
    judge = Judge(plant.power, plant.step, plant.end)
    known: dict[float, Look] = {}
    counts: list[Shown] = []
    late = 0.0
    for look in seen:
        known[look.time] = look
        for one in judge.rule(Shown(look.read, look.time)).counts:
            counts.append(one)
            late += (look.time - _time(one)) / plant.every
    return _tallied(plant, known, counts, late / max(1, len(counts)))


def _tallied(plant: Plant, known: dict[float, Look], counts: list[Shown], late: float) -> Tally:
    true = [look.time for look in known.values() if look.read == look.true]
    kept = {_time(one): one for one in counts}
    tally = Tally(len(known), len(true), sum(time in kept for time in true), late=late)
    before: float | None = None
    for one in counts:
        time = _time(one)
        off = abs(_round(plant, one.value - known[time].true))
        if before is not None and off > (can_be := plant.power * (time - before) / 3600.0 + 1.01 * plant.step):
            tally.beyond.append(off / can_be)
        before = time
        if off <= 1.01 * plant.step:
            continue
        tally.wrong += 1
        later = bisect.bisect(true, time)
        # The last ones may count yet when the run ends.
        if later < len(true) - 30 and true[later] not in kept:
            rise = _round(plant, known[true[later]].true - one.value)
            most = plant.power * (true[later] - time) / 3600.0 + plant.step
            tally.barred += not -1.01 * plant.step <= rise <= most
    return tally


def _time(one: Shown) -> float:
    assert one.time is not None
    return one.time


def _round(plant: Plant, difference: float) -> float:
    """The shortest way on the counter's circle."""
    half = plant.end / 2.0
    return (difference + half) % plant.end - half
