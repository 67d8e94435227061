"""Draws the seam between what is stored and what is computed from it: calculations, results, what is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from collector.model.event import Event
from collector.model.series import Latest, Resolution, Series

Value = int | float | str | Decimal | None
#: One row of a result table: column -> value; `time` is UTC ms, the meter is not among them.
ResultRow = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Period:
    """A local day or month of the site, or several: [start, end) in UTC ms."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a result table holds of one meter from now on whose `time` is in [start, end): exactly these rows."""

    table: str
    meter: str
    start: int
    end: int
    rows: Sequence[ResultRow]


@dataclass(frozen=True, slots=True)
class Due:
    """A local day of a meter that changed since a calculation saw it. `time`: a moment of it; `version`: its mark."""

    meter: str
    time: int
    version: int


@dataclass(frozen=True, slots=True)
class Computed:
    """What a calculation has made of some days of a meter, or of the time that passed: those days, and the results."""

    calculation: str
    done: Sequence[Due]
    results: Sequence[Replacement]


@dataclass(frozen=True, slots=True)
class MarketPrice:
    """What a kWh costs in [start, end) (UTC ms), by one source of prices; at most a day."""

    start: int
    end: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class PriceList:
    """How it stands with a source of prices; times in UTC ms.

    `asked`: the last time; `fetched`: the last time that it could be read; `failing`: since when it cannot, and why.
    """

    source: str
    asked: int
    fetched: int | None = None
    failing: int | None = None
    problem: str | None = None


class Stored(Protocol):
    """What a calculation may read."""

    def latest(self) -> Sequence[Latest]:
        """The newest stored value of every quantity of every meter."""
        ...

    def series(self, meter: str, quantities: Sequence[str], start: int, end: int, resolution: Resolution) -> Series:
        """Values of [start, end) (UTC ms). Unknown quantities have no column."""
        ...

    def known_at(self, meter: str, quantities: Sequence[str], time: int, *, later: bool) -> int | None:
        """Start (UTC ms) of the last quarter before this moment, or of the first one at or after it, in which any of
        these has a value."""
        ...

    def results(self, table: str, meter: str, start: int, end: int) -> Sequence[ResultRow]:
        """Rows of a result table whose `time` is in [start, end), in the order of its key."""
        ...

    def prices(self, source: str, start: int, end: int) -> Sequence[MarketPrice]:
        """What is known of a source's prices in [start, end), in order of time."""
        ...

    def price_list(self, source: str) -> PriceList | None:
        """How it stands with a source of prices; None when it was never asked."""
        ...


class Calculation(Protocol):
    """Computes something about a meter's days; pure but for what it reads, so that it may run again at any time."""

    @property
    def name(self) -> str:
        """Its name in the database."""
        ...

    @property
    def follows(self) -> str | None:
        """The calculation whose results it reads: a day is due here when it was computed there. None: when a quarter
        of an hour of the day changed."""
        ...

    @property
    def fingerprint(self) -> str:
        """Everything of the configuration that its results depend on: when it changes, all days are due again."""
        ...

    def compute(self, stored: Stored, meter: str, days: Sequence[Period], now: int) -> Iterable[Replacement]:
        """The results of these days of the meter, newest first; they replace what was there."""
        ...

    def refresh(self, stored: Stored, meter: str, now: int) -> Iterable[Replacement]:
        """What changes because time passes, though no day is due."""
        ...


class InsightStore(Stored, Protocol):
    """The store as the job of the calculations sees it: SELECT, and writing to the result tables only."""

    def enroll(self, name: str, follows: str | None, fingerprint: str) -> bool:
        """Makes a calculation known; all days are due when it or its fingerprint is new; says whether so."""
        ...

    def due(self, calculation: str, limit: int) -> Sequence[Due]:
        """The newest days that wait for a calculation."""
        ...

    def save(self, computed: Sequence[Computed]) -> None:
        """Stores results and takes the days that they are of off the list, all in one transaction; a day that changed
        meanwhile stays on it. The days whose results changed are then due for the calculations that follow."""
        ...

    def mark(self, calculation: str, meters: Sequence[str], times: Sequence[int]) -> None:
        """The days that hold these moments are due."""
        ...

    def keep_prices(self, source: str, prices: Sequence[MarketPrice]) -> Sequence[MarketPrice]:
        """Adds prices, or corrects them; returns those that are news."""
        ...

    def note_prices(self, now: PriceList, event: Event | None) -> None:
        """Writes down how it stands with a source of prices, and the event that this is."""
        ...

    def close(self) -> None:
        """Closes the connections."""
        ...
