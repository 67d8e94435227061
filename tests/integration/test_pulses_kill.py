"""kill -9 and restart of a process that counts pulses: nothing that was counted is lost, nothing told is taken back."""

from __future__ import annotations

import json
import random
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.unit.sources.pulses.pulse_edges import event

ROOT = Path(__file__).parents[2]
CHILD = """
import os, sys
from pathlib import Path
from collector.config.settings import LineSettings, MeterSettings
from collector.devices import catalogue
from collector.sources.pulses import ledger
from collector.sources.pulses.listener import PulseListener
from collector.sources.ticker import SystemTicker
ledger.PERIOD = 0.2
fd, folder = int(sys.argv[1]), Path(sys.argv[2])
os.set_blocking(fd, False)
meter = MeterSettings("pump", "generic-pulses", "s0", unit=17, pulses_per_kwh=1000.0, every=0.02)
meters = {"pump": (meter, catalogue.load(meter.model))}
line = LineSettings("s0", gpio="/dev/gpiochip0")
listener = PulseListener(line, meters, SystemTicker(), folder / "state", folder / "run", lambda *_: fd)
while True:
    for sample in listener.listen(1.0):
        os.write(1, b"%r\\n" % sample.values["active_energy_import"])
"""


class Counting:
    """A process that counts, and the pin it counts on."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder, self._number = folder, 0
        self._pin, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-c", CHILD, str(theirs.fileno()), str(folder)],
                stdout=out, pass_fds=[theirs.fileno()], cwd=ROOT,
            )  # fmt: skip
        theirs.close()

    def pulse(self) -> None:
        self._number += 1
        self._pin.send(event(time.monotonic_ns(), self._number))

    def counted(self) -> int:
        """Pulses that have reached the journal in RAM."""
        try:
            found = json.loads((self.folder / "run" / "pulses-s0.json").read_text())
        except FileNotFoundError:
            return 0
        return int(found["pump"]["pulses"])

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(20)
        self._pin.close()


def told(log: Path) -> list[float]:
    """What was told as energy, the last line possibly torn."""
    return [
        float(line) for line in log.read_text().splitlines(keepends=True) if line.endswith("\n") and "None" not in line
    ]


def wait_for(counting: Counting, pulses: int) -> None:
    deadline = time.monotonic() + 30
    while counting.counted() < pulses and time.monotonic() < deadline:
        time.sleep(0.01)
    assert counting.counted() == pulses


@pytest.mark.slow
def test_kill_9_loses_nothing_that_was_counted(tmp_path: Path) -> None:
    chance, total, log = random.Random(0), 0, tmp_path / "log"
    for _ in range(5):
        counting = Counting(tmp_path, log)
        for _ in range(chance.randrange(50, 200)):
            counting.pulse()
            total += 1
            time.sleep(chance.uniform(0, 0.004))
        wait_for(counting, total)
        counting.kill()
    assert told(log) == sorted(told(log))
    assert told(log)[-1] <= total


@pytest.mark.slow
def test_a_power_cut_takes_back_only_what_nobody_was_told(tmp_path: Path) -> None:
    log = tmp_path / "log"
    for _ in range(4):
        counting = Counting(tmp_path, log)
        before = counting.counted()
        for _ in range(300):
            counting.pulse()
            time.sleep(0.003)
        wait_for(counting, before + 300)
        counting.kill()
        (tmp_path / "run" / "pulses-s0.json").unlink()  # RAM is gone
        kept = json.loads((tmp_path / "state" / "pulses-s0.json").read_text())["pump"]["pulses"]
        assert told(log)[-1] <= kept <= before + 300
        (tmp_path / "run" / "pulses-s0.json").write_text((tmp_path / "state" / "pulses-s0.json").read_text())
    assert told(log) == sorted(told(log))
