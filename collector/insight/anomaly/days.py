"""Watches the base load: what a site takes in its quietest hours of each day, which hides under the rest."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median

from collector.insight.anomaly.cusum import Stay, Watch
from collector.insight.forecast.estimate import History

#: The quietest hours but two of a day are its base: one hour may be a short interruption.
_RANK = 2
#: Known hours that a day needs.
_ENOUGH = 20
_SLACK = 1.0
_LEAST = 6.0
#: Days that say what is usual, at least and at most.
_FEWEST, _MOST = 10, 28
_FLOOR = 0.02


def bases(history: History) -> list[tuple[int, float]]:
    """(first hour, base) of each day of which enough is known."""
    begins = [hour for hour, place in enumerate(history.places.day[: len(history.values)]) if place == 0]
    starts = [hour for hour in begins if hour == 0 or history.places.day[hour - 1] != 0]
    found = []
    for begin, end in zip(starts, [*starts[1:], len(history.values)], strict=True):
        known = sorted(value for value in history.values[begin:end] if value is not None)
        if len(known) >= _ENOUGH:
            found.append((begin, known[_RANK]))
    return found


def watch_base(history: History, first: int) -> tuple[list[Stay], float]:
    """The stays of the base from hour `first` on (hours; peaks in units of the threshold), and the usual base."""
    days = bases(history)
    before = [base for begin, base in days if begin < first][-_MOST:]
    if len(before) < _FEWEST:
        return [], 0.0
    usual = median(before)
    spread = fmean(abs(base - usual) for base in before)
    spread = max(spread, _FLOOR * _size(history.values))
    guard, armed = Watch(_SLACK, _LEAST), False
    for begin, base in days:
        if begin >= first and not armed:
            guard.arm()
            armed = True
        guard.add(begin, (base - usual) / spread if spread else 0.0)
    ends = {begin: end for (begin, _), end in zip(days, [*(b for b, _ in days[1:]), len(history.values)], strict=True)}
    stays = guard.alarms() if armed else []
    return [Stay(s.begin, ends[s.last] - 1, s.peak / guard.threshold, s.lasting) for s in stays], usual


def _size(values: Sequence[float | None]) -> float:
    """How large the values are: the mean of their sizes."""
    known = [abs(value) for value in values if value is not None]
    return fmean(known) if known else 0.0
