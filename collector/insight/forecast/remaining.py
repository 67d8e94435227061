"""Adds up the energy that is expected until a moment, the end of the month for one, from the stored forecast."""

from __future__ import annotations

from collector.insight.forecast.seasons import HOUR
from collector.model.insight import Stored


def expected_energy(stored: Stored, meter: str, counter: str, start: int, end: int) -> float | None:
    """Wh that this counter is expected to count in the hours beginning in [start, end); None when not all are known."""
    rows = [row for row in stored.results("forecast_hour", meter, start, end) if row["quantity"] == counter]
    first = -(-start // HOUR) * HOUR
    if end <= first or len(rows) < (end - first) // HOUR:
        return None
    return sum(float(str(row["value"])) for row in rows)
