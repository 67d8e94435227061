"""Measures the spool: append, moving to disk, replay, bytes of 24 h at 10 meters, and what judging a sample costs."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from collector.config.settings import ClockSettings, MeterSettings, SpoolSettings
from collector.devices.map import Group, Model, Register, RegisterType, When
from collector.model.quantity import QUANTITIES, Kind
from collector.model.reading import Reading, Sample
from collector.pipeline.clock import SiteClock
from collector.pipeline.process import MeterPipeline
from collector.pipeline.segment import Encoder, decode
from collector.pipeline.spool import Spool
from collector.pipeline.trusted_time import Machine
from tests.bench.figures import Figure

METERS, VALUES, SECONDS = 10, 20, 3600
DAY = 86_400
NAMES = [name for name, quantity in QUANTITIES.items() if quantity.kind is Kind.GAUGE][: VALUES - 1]
NAMES.append("active_energy_import")
START = 1_790_000_000_000


def _readings(seconds: int) -> Iterator[Reading]:
    """Random doubles: the worst case for compression."""
    source = random.Random(1)
    for second in range(seconds):
        for meter in range(METERS):
            yield Reading(f"meter-{meter}", START + second * 1000, {name: 400 * source.random() for name in NAMES})


def _codec(readings: list[Reading]) -> list[Figure]:
    started = time.perf_counter()
    encoder = Encoder()
    data = b"".join(encoder.encode(reading) for reading in readings)
    encoded = time.perf_counter()
    decoded = decode(data).readings
    done = time.perf_counter()
    assert decoded == readings
    return [
        Figure("spool: encode", len(readings) / (encoded - started), "readings/s", note=f"{VALUES} values"),
        Figure("spool: decode", len(readings) / (done - encoded), "readings/s", least=80_000, note=f"{VALUES} values"),
    ]


def _outage(folder: Path, readings: list[Reading]) -> list[Figure]:
    """The store is down: one save every 60 s, then everything is replayed."""
    spool = Spool(folder / "run", folder / "state", SpoolSettings(min_free_bytes=0))
    appending = saving = 0.0
    for first in range(0, len(readings), METERS * 60):
        minute = readings[first : first + METERS * 60]
        started = time.perf_counter()
        for reading in minute:
            spool.append(reading)
        appended = time.perf_counter()
        spool.save()
        appending += appended - started
        saving += time.perf_counter() - appended
    on_disk = spool.status().bytes_on_disk
    started, found = time.perf_counter(), 0
    for batch in spool.batches():
        assert batch.readings == readings[found : found + len(batch.readings)]
        found += len(batch.readings)
        spool.done(batch)
    replaying = time.perf_counter() - started
    assert found == len(readings)
    spool.close()
    size = on_disk / len(readings) * METERS * DAY / 1e6
    minutes = len(readings) / (METERS * 60)
    return [
        Figure("spool: append", len(readings) / appending, "readings/s", note="one write(2) each"),
        Figure("spool: a minute of 10 meters to disk", saving / minutes * 1000, "ms", note="compressed, one fsync"),
        Figure("spool: replay from disk", found / replaying, "readings/s", least=80_000, note="checked for equality"),
        Figure("spool: 24 h of 10 meters at 1 Hz", size, "MB", most=250, note="20 random doubles a reading"),
    ]


class _Still:
    """A clock that stands."""

    def monotonic(self) -> float:
        return 0.0

    def boot_ns(self) -> int:
        return 10**12

    def sleep(self, seconds: float) -> None:
        raise AssertionError


def _judging(folder: Path, count: int) -> Figure:
    names = [*[name for name, q in QUANTITIES.items() if q.kind is Kind.GAUGE][:36], "active_energy_import"]
    names += ["active_energy_export", "reactive_energy_import", "reactive_energy_export"]
    registers = tuple(Register(name, i * 2, RegisterType.FLOAT32, name) for i, name in enumerate(names))
    model = Model("bench", "", "", "modbus", (Group("all", When.TICK, registers),), (), True)
    clock = SiteClock(ClockSettings(), folder, _Still(), Machine("boot", {"ntp": lambda: START * 1_000_000}))
    clock.poll()
    pipeline = MeterPipeline(MeterSettings("m", "bench", "line"), model, clock)
    values = dict.fromkeys(names, 0.5) | {"frequency": 50.0}
    started = time.perf_counter()
    for second in range(count):
        pipeline.process(Sample("m", 10**12 + second * 10**9, values))
    each = (time.perf_counter() - started) / count * 1e6
    return Figure("pipeline: one sample of 40 values", each, "µs", most=60)


def figures(seconds: int = SECONDS) -> list[Figure]:
    """Everything, over `seconds` of 10 meters at 1 Hz."""
    readings = list(_readings(seconds))
    folder = Path(tempfile.mkdtemp())
    try:
        return [*_codec(readings[:20_000]), *_outage(folder, readings), _judging(folder, 5000)]
    finally:
        shutil.rmtree(folder)


def main() -> None:
    """Prints the figures."""
    for figure in figures():
        print(f"{figure.name}: {figure.value:.4g} {figure.unit} {figure.budget}")


if __name__ == "__main__":
    main()
