"""`phaselog try` shows the whole path, and leaves nothing behind: no process, no held port."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

PHASELOG = [sys.executable, "-m", "collector"]
#: Generous: the machine that runs the tests may be busy.
PATIENCE = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def members(folder: Path) -> list[int]:
    """Processes that belong to this trial."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if any(str(folder).encode() in word for word in words) and b"try" not in words:
            found.append(int(entry.parent.name))
    return found


def wait_until(condition, patience: float = PATIENCE):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if result := condition():
            return result
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


class Running:
    """A trial in a process of its own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder, self.port = folder, free_port()
        self.process = subprocess.Popen(
            [*PHASELOG, "try", "--folder", str(folder), "--port", str(self.port), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=folder.parent,
        )

    def live(self) -> dict:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/live", timeout=5) as answer:
            return json.load(answer)

    def ready(self) -> str:
        """Reads what it prints until it says how it ends."""
        said = ""
        while "ends" not in said.rpartition("\n")[0].rpartition("\n")[2]:
            line = self.process.stdout.readline()
            assert line, f"it ended: {said}"
            said += line
        return said


@pytest.fixture
def trial(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    running: list[Running] = []

    def start(*arguments: str) -> Running:
        running.append(Running(tmp_path / "trial", *arguments))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            one.process.send_signal(signal.SIGINT)
            one.process.wait(PATIENCE)
        one.process.stdout.close()


@pytest.mark.slow
def test_values_flow_from_the_simulated_wire_to_page_and_database(trial):
    one = trial()
    said = one.ready()
    assert f"http://127.0.0.1:{one.port}" in said
    assert re.search(r"one-time code [0-9A-Z]{4}(-[0-9A-Z]{4}){3}\n", said)
    assert float(re.search(r"first values after ([\d.]+) s", said)[1]) < 10 * max(1.0, os.getloadavg()[0] / 2)
    meter = one.live()["meters"][0]
    assert meter["name"] == "turbine"
    assert 180 < meter["values"]["voltage_l1_n"]["value"] < 260
    assert wait_until(lambda: rows(one.folder) > 0)
    read = subprocess.run(
        [*PHASELOG, "read", str(one.folder / "phaselog.toml"), "--json"], capture_output=True, text=True, check=True
    )
    assert json.loads(read.stdout)["values"]["frequency"] is not None
    one.process.send_signal(signal.SIGINT)
    assert one.process.wait(PATIENCE) == 0
    assert members(one.folder) == []


def rows(folder: Path) -> int:
    with sqlite3.connect(f"file:{folder}/phaselog.sqlite?mode=ro", uri=True) as database:
        return database.execute("SELECT count(*) FROM reading").fetchone()[0]


@pytest.mark.slow
def test_it_ends_by_itself_and_the_next_one_goes_on(trial):
    first = trial("--for", "2s")
    assert first.process.wait(PATIENCE) == 0
    stored = rows(first.folder)
    assert stored > 0, "what was read is stored at the end, however short the trial"
    second = trial("--for", "2s")
    assert second.process.wait(PATIENCE) == 0
    assert rows(second.folder) > stored


@pytest.mark.slow
def test_a_killed_trial_takes_its_processes_with_it(trial):
    one = trial()
    one.ready()
    assert len(members(one.folder)) == 4
    one.process.kill()
    wait_until(lambda: not members(one.folder))


@pytest.mark.slow
def test_when_one_dies_it_says_which_and_ends_the_others(trial):
    one = trial()
    one.ready()
    meter = next(pid for pid in members(one.folder) if b"simulate" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(meter, signal.SIGKILL)
    assert one.process.wait(PATIENCE) == 1
    assert "meter ended by itself" in one.process.stdout.read()
    assert members(one.folder) == []


def test_a_taken_port_is_one_sentence(tmp_path: Path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        command = [*PHASELOG, "try", "--port", port, "--folder", str(tmp_path / "t")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 6
    assert done.stderr.startswith(f"error: port {port} cannot be used")
    assert "--port" in done.stderr.splitlines()[1]
    assert not (tmp_path / "t").exists()
