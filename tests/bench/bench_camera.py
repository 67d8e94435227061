"""Counts what a camera's judge lets through in months of readings of which each digit is misread with 5 %."""

from __future__ import annotations

import time

from tests.bench.figures import Figure
from tests.unit.sources.camera.misread import PLANTS, judged, looks, now_and_then

LOOKS = 100_000
MISREAD = 0.05


def figures(count: int = LOOKS) -> list[Figure]:
    """Of all plants together, and what it costs in each."""
    began = time.process_time()
    tallies = {name: judged(plant, looks(plant, 7, count, now_and_then(MISREAD))) for name, plant in PLANTS.items()}
    seconds = time.process_time() - began
    seen = sum(one.looks for one in tallies.values())
    wrong = sum(one.wrong for one in tallies.values())
    result = [
        Figure("values beyond what the power allows", sum(len(one.beyond) for one in tallies.values()), "",
               most=0, note=f"of {seen} readings"),
        Figure("next true reading kept out by a wrong value", sum(one.barred for one in tallies.values()), "",
               note=f"{wrong} wrong values within the bound count"),
        Figure("time a reading, with its simulation", 1e6 * seconds / seen, "µs"),
    ]  # fmt: skip
    for name, one in tallies.items():
        result.append(Figure(f"true readings lost: {name}", 100 * one.lost, "%", note=f"{one.late:.1f} periods late"))
    return result
