"""What passes a line is written down, explained, and played back to another collector."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

#: Exchanges at the pace of a real line.
pytestmark = pytest.mark.slow

PHASELOG = [sys.executable, "-m", "collector"]
CONFIG = """
[[line]]
name = "rs485"
port = "{port}"
[[meter]]
name = "turbine"
model = "siemens-pac3100"
line = "rs485"
unit = 126
"""


@pytest.fixture(autouse=True)
def _own_state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def phaselog(*arguments: str, expected: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([*PHASELOG, *arguments], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == expected, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


@contextmanager
def simulated(link: Path, *more: str) -> Iterator[Path]:
    command = [*PHASELOG, "simulate", "siemens-pac3100", "--port", str(link), *more]
    with subprocess.Popen(command) as process:
        end = time.monotonic() + 30
        while not link.exists() and time.monotonic() < end:
            time.sleep(0.05)
        yield link
        process.terminate()


def configured(tmp_path: Path, port: Path) -> str:
    path = tmp_path / f"{port.name}.toml"
    path.write_text(CONFIG.format(port=port))
    return str(path)


def test_a_capture_is_played_back_to_the_same_values(tmp_path):
    capture = tmp_path / "bug.jsonl"
    with simulated(tmp_path / "meter") as port:
        phaselog("record", "rs485", str(capture), "--config", configured(tmp_path, port), "--seconds", "3")
    first, *rest = [json.loads(line) for line in capture.read_text().splitlines()]
    assert (first["protocol"], first["baud"], first["frame"]) == ("modbus", 19200, "8N2")
    assert {entry["from"] for entry in rest} == {"meter", "logger"}
    with simulated(tmp_path / "again", "--replay", str(capture)) as port:
        values = json.loads(phaselog("read", configured(tmp_path, port), "--json").stdout)["values"]
    assert 200 < values["voltage_l1_n"] < 240
    assert values["active_energy_import"] is not None


def test_a_capture_is_never_written_over(tmp_path):
    (tmp_path / "there").write_text("precious")
    done = phaselog("record", "/dev/null", str(tmp_path / "there"), "--seconds", "1", expected=6)
    assert "never written over" in done.stderr
    assert (tmp_path / "there").read_text() == "precious"


def test_record_names_the_lines_it_knows(tmp_path):
    done = phaselog("record", "rs", str(tmp_path / "x"), "--config", configured(tmp_path, tmp_path / "p"), expected=6)
    assert "rs485" in done.stderr
    assert not (tmp_path / "x").exists()
