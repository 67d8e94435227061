"""Makes up a week of bad electricity, judged as the job does it."""

from __future__ import annotations

from household import ZONE

from collector.insight.quality.assess import Nominal, deviations, figures, method, verdicts
from collector.insight.quality.load import use
from collector.insight.quality.profile import profiles
from collector.insight.quality.rows import period_rows
from collector.insight.quality.ten_minutes import INTERVAL, TenMinutes
from collector.model.calendar import local_week
from collector.model.insight import ResultRow

NOMINAL = Nominal(220.0, 60.0)


def judged_week(now: int) -> dict[str, list[ResultRow]]:
    """Result table -> rows of the week of this moment: L1 too high for half of the time, an inductive load, one dip."""
    week = local_week(now, ZONE)
    values = {"voltage_l2_n": 220.0, "voltage_l3_n": 221.0, "frequency": 60.01}
    values |= {"active_power_total": 4000.0, "reactive_power_total": 3000.0, "apparent_power_total": 5000.0}
    known = [
        TenMinutes(week[0] + number * INTERVAL, {**values, "voltage_l1_n": 250.0 if number % 2 else 222.0}, {}, {})
        for number in range(100)
    ]
    found = deviations(known, NOMINAL)
    judged = verdicts(profiles()["en50160"], found, 100, 1008)
    rows = list(period_rows(week[0], figures(found, method(known)), judged, use(known, None)))
    dip = {"time": week[0] + 60_000, "kind": "dip", "until": week[0] + 120_000, "phases": "l1 l2", "extreme": 0.62}
    return {"quality_week": rows, "disturbance": [dip]}
