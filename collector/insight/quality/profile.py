"""Loads the profiles: what a standard, or an isolated plant, calls good electricity; one data file each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

#: What a limit may be about; figures of a phase exist for each of them.
PER_PHASE = ("voltage", "voltage_thd")
FIGURES = (*PER_PHASE, "frequency", "voltage_unbalance", "current_unbalance")
PERIODS = ("day", "week", "month")


@dataclass(frozen=True, slots=True)
class Limit:
    """One demand: this share of the 10-minute values lies within [low, high].

    Voltage and frequency: deviation from nominal in percent; else the figure's own unit, percent. None: no bound.
    """

    figure: str
    low: float | None
    high: float | None
    share: float
    source: str

    def holds(self, value: float) -> bool:
        """True where one value is inside."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def excess(self, value: float) -> float:
        """How far one value is outside; 0 inside."""
        below = self.low - value if self.low is not None else 0.0
        above = value - self.high if self.high is not None else 0.0
        return max(0.0, below, above)


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of limits. `period`: what the standard judges; `power_factor`: the least that is wanted."""

    name: str
    title: str
    note: str
    period: str
    power_factor: float
    limits: Sequence[Limit]


def parse(text: str) -> Profile:
    """The profile of one file; raises ValueError with what is wrong, so that a test walks them all."""
    data = tomllib.loads(text)
    limits = tuple(_limit(table) for table in data.pop("limit"))
    made = Profile(**data, limits=limits)
    if made.period not in PERIODS or not limits or not 0 < made.power_factor <= 1:
        raise ValueError(f"{made.name}: period, limits or power_factor is wrong")
    return made


def _limit(table: Mapping[str, object]) -> Limit:
    made = Limit(**{"low": None, "high": None, **table})  # type: ignore[arg-type]
    if made.figure not in FIGURES or not 0 < made.share <= 1 or (made.low is None and made.high is None):
        raise ValueError(f"limit of {made.figure}: figure, share or bounds are wrong")
    return made


@cache
def profiles() -> Mapping[str, Profile]:
    """Every profile there is, by name."""
    folder = files(__package__) / "profiles"
    found = [parse(path.read_text()) for path in folder.iterdir() if path.name.endswith(".toml")]
    return {profile.name: profile for profile in sorted(found, key=lambda each: each.name)}
