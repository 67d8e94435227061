"""Tells alert rules which quantities are not as usual at this moment."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from collector.insight.alerts.facts import Judged
from collector.insight.anomaly.calculation import ANOMALY
from collector.insight.anomaly.detect import WATCHED
from collector.insight.forecast.seasons import HOUR
from collector.model.calendar import instant
from collector.model.insight import ResultRow, Stored
from collector.model.quantity import QUANTITIES

_WORDS = {"spike": "spike", "step": "jump", "drift": "drift", "base": "base load changed", "stuck": "stands still"}


def told(stored: Stored, meter: str, now: int, zone: ZoneInfo) -> list[Judged]:
    """Each quantity that had an anomaly of late: bad while one lasts."""
    newest: dict[str, ResultRow] = {}
    for row in stored.results(ANOMALY, meter, now - 2 * WATCHED * HOUR, now + 1):
        name = str(row["quantity"])
        if row["lasting"] or name not in newest or not newest[name]["lasting"]:
            newest[name] = row
    return [_judged(meter, name, row, zone) for name, row in newest.items()]


def _judged(meter: str, name: str, row: ResultRow, zone: ZoneInfo) -> Judged:
    if not row["lasting"]:
        return Judged(meter, name, False, f"{meter}: {name} is as usual again")
    since = instant(int(str(row["time"]))).astimezone(zone)
    more = f"{float(str(row['difference'])):+.4g} {QUANTITIES[name].unit}".strip()
    energy = "" if row["kwh"] is None else f", {float(str(row['kwh'])):+.4g} kWh so far"
    text = f"{meter}: {name}: {_WORDS[str(row['kind'])]}, {more} on the mean since {since:%a %Y-%m-%d %H:%M}{energy}"
    return Judged(meter, name, True, text)
