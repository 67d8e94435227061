"""Notices a quantity that stands still for longer than it ever did: a meter or a converter that hangs."""

from __future__ import annotations

from collections.abc import Iterator

from collector.insight.anomaly.cusum import Stay
from collector.insight.forecast.smoothing import Values

#: Hours below which standing still says nothing.
_LEAST = 6
#: How much longer than ever is remarkable.
_MARGIN = 2


def stuck(values: Values, first: int) -> list[Stay]:
    """The stays at one value that end after hour `first`; their peak is in units of what is remarkable.

    What was never anything but 0 is not stuck: nothing is fed in there, no phase is connected.
    """
    runs = list(_runs(values)) if any(values) else []
    usual = max((last - begin + 1 for begin, last in runs if last < first), default=0)
    threshold = max(_LEAST, _MARGIN * usual)
    long = [(begin, last) for begin, last in runs if last >= first and last - begin + 1 > threshold]
    end = len(values) - 1
    return [Stay(begin, last, (last - begin + 1) / threshold, lasting=last == end) for begin, last in long]


def _runs(values: Values) -> Iterator[tuple[int, int]]:
    """(first, last) of each run of the same value; an hour that is not known ends it."""
    begin, before = 0, None
    for hour, value in enumerate(values):
        if value is None or value != before:
            if before is not None:
                yield begin, hour - 1
            begin, before = hour, value
    if before is not None:
        yield begin, len(values) - 1
