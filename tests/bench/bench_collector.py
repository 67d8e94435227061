"""Measures what the collector costs: RSS and CPU with one PAC3100 at 1 Hz, and with 100 TCP meters of 40 values."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from collector.config.settings import LineSettings, MeterSettings
from collector.devices import catalogue
from collector.sources.learned import Learned
from collector.sources.plan import Plan, plan
from collector.sources.simulator import SimulatedMeter, serve_pty, serve_tcp
from tests.bench.figures import Figure

ROOT = Path(__file__).parents[2]
TICKS = os.sysconf("SC_CLK_TCK")

HEAD = """
[site]
name = "Bench"
timezone = "America/Cuiaba"
[clock]
trust = "system"
[store]
kind = "sqlite"
path = "{folder}/bench.sqlite"
commit_every = "60s"
"""
SERIAL = """
[[line]]
name = "rs485"
port = "{folder}/port"
baud = 19200
frame = "8N2"
"""
NET = """
[[line]]
name = "net{unit}"
host = "127.0.0.{unit}"
tcp_port = {port}
"""
METER = """
[[meter]]
name = "m{unit}"
model = "{model}"
line = "{line}"
unit = {unit}
every = "{every}"
"""


def _cpu(pid: int) -> float:
    """CPU seconds of the process so far (proc(5), utime + stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _rss(pid: int) -> float:
    """Resident set in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


@contextmanager
def _running(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "collector", *arguments], cwd=ROOT, env={**os.environ, **environment},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@contextmanager
def collector(folder: Path, config: str) -> Iterator[subprocess.Popen[bytes]]:
    """A collector of its own with this configuration."""
    path = folder / "phaselog.toml"
    path.write_text(config, encoding="utf-8")
    places = {"STATE_DIRECTORY": str(folder / "state"), "RUNTIME_DIRECTORY": str(folder / "run")}
    with _running("run", str(path), **places) as process:
        yield process


def status(folder: Path) -> dict[str, object]:
    """What the collector says of itself."""
    return dict(json.loads((folder / "run" / "status.json").read_text(encoding="utf-8")))


def _observe(process: subprocess.Popen[bytes], seconds: float, settle: float = 10.0) -> tuple[float, float]:
    """CPU share of one core over these seconds, and the RSS at their end in MB."""
    time.sleep(settle)
    started, before = time.monotonic(), _cpu(process.pid)
    time.sleep(seconds)
    return (_cpu(process.pid) - before) / (time.monotonic() - started), _rss(process.pid)


def one_pac3100(seconds: float = 90.0) -> list[Figure]:
    """One PAC3100 at 1 Hz on a line of 19200 8N2, a commit included."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        line = ("simulate", "siemens-pac3100", "--port", str(folder / "port"), "--unit", "126")
        with _running(*line):
            time.sleep(2)
            meter = METER.format(unit=126, model="siemens-pac3100", line="rs485", every="1s")
            with collector(folder, (HEAD + SERIAL).format(folder=folder) + meter) as process:
                share, rss = _observe(process, seconds)
    note = f"over {seconds:.0f} s, SQLite store, commits included"
    return [
        Figure("collector, 1 PAC3100 at 1 Hz: CPU of one core", share * 100, "%", most=1.0, note=note),
        Figure("collector, 1 PAC3100 at 1 Hz: RSS", rss, "MB", most=50.0, note=note),
    ]


def many_tcp(count: int = 100, seconds: float = 70.0, every: str = "1s") -> list[Figure]:
    """Many Modbus TCP meters at 1 Hz in one process."""
    model = catalogue.load("siemens-pac3200")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with serve_tcp({unit: SimulatedMeter(model) for unit in range(1, count + 1)}, "0.0.0.0", 0, "tcp") as net:
            lines = "".join(NET.format(unit=unit, port=net.port) for unit in range(1, count + 1))
            meters = "".join(
                METER.format(unit=unit, model=model.name, line=f"net{unit}", every=every)
                for unit in range(1, count + 1)
            )
            with collector(folder, HEAD.format(folder=folder) + lines + meters) as process:
                share, rss = _observe(process, seconds)
                seen = status(folder)
    readings = [meter["readings"] for meter in seen["meters"]]  # type: ignore[attr-defined]
    missed = sum(meter["missed"] for meter in seen["meters"])  # type: ignore[attr-defined]
    note = f"{count} meters x {len(model.quantities())} quantities, {min(readings)} to {max(readings)} readings each"
    return [
        Figure(f"{count} TCP meters at 1 Hz: CPU of one core", share * 100, "%", most=25.0, note=note),
        Figure(f"{count} TCP meters at 1 Hz: missed slots", missed, "", most=0, note=note),
        Figure(f"{count} TCP meters at 1 Hz: RSS", rss, "MB", note="for information"),
    ]


def one_line(count: int, seconds: float = 30.0) -> Figure:
    """Several PAC3100 at 1 Hz on one line of 19200 8N2: how near the wire's own limit their readings come."""
    model = catalogue.load("siemens-pac3100")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        devices = {unit: SimulatedMeter(model) for unit in range(1, count + 1)}
        with serve_pty(devices, 19200, "8N2", link=folder / "port"):
            meters = "".join(
                METER.format(unit=unit, model=model.name, line="rs485", every="1s") for unit in range(1, count + 1)
            )
            with collector(folder, (HEAD + SERIAL).format(folder=folder) + meters):
                time.sleep(15 if count < 10 else 45)  # until every meter's holes are known
                before, started = _taken(folder), time.monotonic()
                time.sleep(seconds)
                rate = (_taken(folder) - before) / (time.monotonic() - started)
    settings = MeterSettings("m1", model.name, "rs485", unit=1)
    allowed = _allowed(plan(model, LineSettings("rs485", port="x"), settings, Learned(None)), count)
    note = f"{rate:.2f} readings/s in all; {count} wanted, the wire allows {allowed:.2f}"
    name = f"{count} PAC3100 on one line at 19200: readings / possible"
    return Figure(name, rate / min(float(count), allowed), "", least=0.95, note=note)


def _allowed(best: Plan, count: int) -> float:
    """Readings/s of all meters that the wire has room for beside their slower blocks, which keep their pace."""
    fast = sum(request.milliseconds for request in best.requests if request.period <= 1) / 1000
    slow = sum(request.milliseconds / request.period for request in best.requests if request.period > 1) / 1000
    return (1 - count * slow) / fast


def _taken(folder: Path) -> int:
    return sum(meter["readings"] for meter in status(folder)["meters"])  # type: ignore[attr-defined]


def figures() -> list[Figure]:
    """All of it."""
    return [*one_pac3100(), *(one_line(count) for count in (2, 3, 40)), *many_tcp()]


if __name__ == "__main__":
    for figure in figures():
        print(f"{figure.name}: {figure.value:.2f} {figure.unit} ({figure.note})")
