"""Finds the hours at which a quantity is mostly the same to the last digit: the sun at night, a pump that is off.

There the middle of what may come is that very value, and a mean of what is mostly 0 and seldom much is never right.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass

from collector.insight.forecast.estimate import History

#: Values of the same hour that are looked at, and how many of them are enough: by the week, and by the day where the
#: weeks are too few.
_WEEKS, _DAYS, _ENOUGH = 8, 14, 4
_LATELY = 7


@dataclass(frozen=True, slots=True)
class Same:
    """Place of the week, and of the day, to what is mostly there; None where there is no such value.

    `lately`: place of the day to what was there in the last week.
    """

    week: Mapping[int, float | None]
    day: Mapping[int, float | None]
    lately: Mapping[int, frozenset[float]]

    def at(self, day: int, week: int) -> float | None:
        """What is mostly seen at this hour of the day and of the week, if it still was in the last week."""
        found = self.week[week] if week in self.week else self.day.get(day)
        return found if found in self.lately.get(day, ()) else None


def same(history: History) -> Same:
    """What is the same in more than half of the newest values of an hour."""
    weeks: dict[int, deque[float]] = defaultdict(lambda: deque(maxlen=_WEEKS))
    days: dict[int, deque[float]] = defaultdict(lambda: deque(maxlen=_DAYS))
    for value, day, week in zip(history.values, history.places.day, history.places.week, strict=False):
        if value is not None:
            weeks[week].append(value)
            days[day].append(value)
    lately = {day: frozenset([*values][-_LATELY:]) for day, values in days.items()}
    return Same(_mostly(weeks), _mostly(days), lately)


def _mostly(seen: Mapping[int, deque[float]]) -> dict[int, float | None]:
    found: dict[int, float | None] = {}
    for place, values in seen.items():
        if len(values) >= _ENOUGH:
            value, count = Counter(values).most_common(1)[0]
            found[place] = value if 2 * count > len(values) else None
    return found
