"""Measures how close a poll cycle comes to what the wire allows: cycle time / sum of T(N) of the best allowed plan."""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from pathlib import Path

from collector.config.settings import LineSettings, MeterSettings
from collector.devices import catalogue
from collector.sources.factory import make_source, open_wire
from collector.sources.learned import Learned
from collector.sources.plan import plan
from collector.sources.simulator import SimulatedMeter, serve_pty
from collector.sources.ticker import SystemTicker
from tests.bench.figures import Figure

CYCLES = 200


def _cycles(baud: int, folder: Path, cycles: int) -> tuple[list[float], float]:
    """Durations of back-to-back cycles in ms, start to start, and the plan's sum of T(N) in ms."""
    model = catalogue.load("siemens-pac3100")
    ticker = SystemTicker()
    with serve_pty({126: SimulatedMeter(model)}, baud, "8N2") as served:
        line = LineSettings("bench", port=str(served.path), baud=baud, frame="8N2")
        meter = MeterSettings("m", model.name, "bench", unit=126)
        learned = Learned(folder)
        source = make_source(meter, model, open_wire(line, ticker), ticker, learned)
        fast = frozenset(block for block, period in source.periods.items() if period <= meter.every)
        for _ in range(5):  # settles what is learned: gaps, the counting mode
            source.read(fast)
        # Learning may have merged blocks.
        fast = frozenset(block for block, period in source.periods.items() if period <= meter.every)
        starts = []
        for _ in range(cycles + 1):
            starts.append(time.perf_counter())
            source.read(fast)
        best = plan(model, line, meter, learned)
        ideal = sum(request.milliseconds for request in best.requests if request.period <= meter.every)
        source.close()
    return [(b - a) * 1000 for a, b in itertools.pairwise(starts)], ideal


def figures(cycles: int = CYCLES) -> list[Figure]:
    """The ratio at 9600 and 19200 baud."""
    result = []
    for baud in (9600, 19200):
        with tempfile.TemporaryDirectory() as folder:
            durations, ideal = _cycles(baud, Path(folder), cycles)
        median = statistics.median(durations)
        note = f"median of {cycles} cycles {median:.1f} ms, sum of T(N) {ideal:.1f} ms"
        result.append(Figure(f"wire time / ideal, {baud} baud", median / ideal, "", most=1.05, note=note))
    return result


if __name__ == "__main__":
    for figure in figures():
        print(f"{figure.name}: {figure.value:.3f} ({figure.note})")
