"""Starts what the integration tests talk to: simulated meters on pseudo-terminals, collectors, databases."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: How most configurations begin; `database` is to be filled in.
SITE = """
[site]
name = "Chapada"
timezone = "America/Cuiaba"
[clock]
trust = "system"
[store]
kind = "sqlite"
path = "{database}"
commit_every = "1s"
"""


def wait_for(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Waits until the condition holds; the deadline is generous, the machine may be busy."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


@dataclass
class Box:
    """A logger of its own: a folder with its configuration, state, runtime folder and the processes started in it."""

    folder: Path
    environment: dict[str, str]
    config: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def runtime(self) -> Path:
        return self.folder / "run"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def database(self) -> Path:
        return self.folder / "readings.sqlite"

    def write(self, text: str) -> None:
        self.config.write_text(text, encoding="utf-8")

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "collector", *arguments],
                cwd=ROOT, env={**self.environment, **more}, stdout=log, stderr=log,
            )  # fmt: skip
        self.started.append(process)
        return process

    def phaselog(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "collector", *arguments],
            cwd=ROOT, env={**self.environment, **more}, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")


def end(process: subprocess.Popen[bytes], number: int = signal.SIGTERM, seconds: float = 30) -> int:
    """Ends a process and waits for it."""
    if process.poll() is None:
        process.send_signal(number)
    return process.wait(seconds)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """A fresh logger folder; what still runs in it at the end is killed."""
    environment = {
        **os.environ,
        "STATE_DIRECTORY": str(tmp_path / "state"),
        "RUNTIME_DIRECTORY": str(tmp_path / "run"),
        "PYTHONUNBUFFERED": "1",
    }
    made = Box(tmp_path, environment, tmp_path / "phaselog.toml")
    yield made
    for process in made.started:
        if process.poll() is None:
            process.kill()
            process.wait(10)
