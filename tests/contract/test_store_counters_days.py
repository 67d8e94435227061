"""From a meter's counters to the energy of its days, through the pipeline, across what can happen to them."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from stores import START, Box

from collector.config.settings import ClockSettings, MeterSettings
from collector.devices import catalogue
from collector.model.reading import Sample
from collector.model.series import Resolution
from collector.pipeline.clock import SiteClock
from collector.pipeline.process import MeterPipeline
from collector.pipeline.trusted_time import Machine
from collector.sources.ticker import SystemTicker

pytestmark = pytest.mark.slow

#: A model with a total and two tariffs.
MODEL = next(
    model
    for model in map(catalogue.load, catalogue.names())
    if {"active_energy_import", "active_energy_import_t1", "active_energy_import_t2"} <= set(model.quantities())
)
TOTAL, T1, T2 = "active_energy_import", "active_energy_import_t1", "active_energy_import_t2"
METER = MeterSettings("m", MODEL.name, "line", rated_apparent_power=20e3)
MINUTE, DAY = 60.0, 86_400.0
WATTS = 5000.0
Counts = dict[str, float]


def thousandth(counts: Counts) -> Counts:
    return {name: value / 1000 for name, value in counts.items()}


def exchanged(counts: Counts) -> Counts:
    return counts | {T1: counts[T2], T2: counts[T1]}


def another(counts: Counts) -> Counts:
    return {name: value + 7e6 for name, value in counts.items()}


@pytest.mark.parametrize(
    ("accident", "kind", "unseen"),
    [(thousandth, "counter_scale", 0.0), (exchanged, "tariff_exchange", 0.0), (another, "meter_swap", WATTS / 60)],
)
@pytest.mark.parametrize("off", [0, 90])
def test_every_day_has_its_energy(
    box: Box, tmp_path: Path, accident: Callable[[Counts], Counts], kind: str, unseen: float, off: int
) -> None:
    """Two days of 120 kWh, a reading a minute; the accident on the second, the collector off for `off` min."""
    box.migrate({"m": [TOTAL, T1, T2]})
    clock = SiteClock(
        ClockSettings(), tmp_path, SystemTicker(), Machine("boot", {"ntp": lambda: START * 1_000_000})
    )  # fmt: skip
    clock.poll()
    pipeline, readings, kinds = MeterPipeline(METER, MODEL, clock), [], []
    happened = 36 * 60
    for minute in range(48 * 60):
        if happened <= minute < happened + off:
            continue
        energy = WATTS * minute / 60.0
        counts = {TOTAL: 80e6 + energy, T1: 20e6 + energy, T2: 60e6}
        said = accident(counts) if minute >= happened else counts
        values = {name: math.floor(value * 1e6) / 1e6 for name, value in said.items()}
        done = pipeline.process(Sample("m", int(minute * MINUTE * 1e9), values))
        readings.append(done.reading)
        kinds += [event.kind for event in done.events]
    box.writer().commit(readings, catching_up=True)
    box.now = 3_999_999_999_000
    while box.writer().roll_up():
        pass
    first = readings[0].time
    days = box.reader().series("m", [TOTAL, T1, T2], first, first + 2 * int(DAY * 1000) + 1, Resolution.DAY)
    assert set(kinds) == {kind}
    lost = unseen * (1 + off)
    per_day = 24 * WATTS
    by_tariff = zip(days.columns[T1].increase, days.columns[T2].increase, strict=True)
    for first_day, second_day in (
        days.columns[TOTAL].increase,
        [(one or 0.0) + (two or 0.0) for one, two in by_tariff],
    ):
        assert first_day == pytest.approx(per_day, abs=WATTS / 60 + 1)
        assert per_day - lost - 1 - WATTS / 60 <= (second_day or 0.0) <= per_day + 1
