"""What can be wrong around a logger is one clear sentence and a hint each, with its documented exit code."""

from __future__ import annotations

import os
import pty
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import serial

PHASELOG = [sys.executable, "-m", "collector"]

CONFIG = """
[store]
{store}
[page]
port = {page}
[[line]]
name = "rs485"
port = "{port}"
[[meter]]
name = "turbine"
model = "{model}"
line = "rs485"
"""


@pytest.fixture(autouse=True)
def _own_state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)


@pytest.fixture
def fails(tmp_path: Path):
    """Runs a command with this configuration; returns the sentence and the hint."""

    def run(command: str, code: int, **words: object) -> tuple[str, str]:
        defaults = {"store": 'kind = "sqlite"', "page": 1, "port": "/dev/null-port", "model": "siemens-pac3100"}
        path = tmp_path / "phaselog.toml"
        path.write_text(CONFIG.format(**{**defaults, **words}))
        done = subprocess.run(
            [*PHASELOG, *command.split(), str(path)], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == code, done.stderr
        lines = [line for line in done.stderr.splitlines() if not line.startswith("warning:")]
        assert len(lines) == 2, done.stderr
        assert lines[0].startswith("error: ")
        assert lines[1].startswith("hint: ")
        return lines[0], lines[1]

    return run


@pytest.fixture
def terminal():
    main, child = pty.openpty()
    yield os.ttyname(child)
    os.close(main)
    os.close(child)


@pytest.mark.slow
def test_a_port_that_is_not_there(fails):
    sentence, _ = fails("read", 3, port="/dev/meter-none")
    assert "/dev/meter-none" in sentence


@pytest.mark.slow
def test_a_port_that_another_program_holds(fails, terminal):
    with serial.Serial(terminal, exclusive=True):
        sentence, hint = fails("read", 3, port=terminal)
    assert terminal in sentence
    assert hint


@pytest.mark.slow
def test_a_meter_that_is_silent(fails, terminal):
    fails("read", 3, port=terminal)


@pytest.mark.slow
def test_a_database_that_is_not_there(fails, tmp_path):
    fails("db status", 4, store=f'kind = "mariadb"\nsocket = "{tmp_path}/none.sock"')


@pytest.mark.slow
def test_a_database_file_that_does_not_exist_yet(fails):
    _, hint = fails("export --from 2026-01-01", 4)
    assert hint


@pytest.mark.slow
def test_a_page_whose_port_is_taken(fails):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        sentence, _ = fails("page", 6, page=other.getsockname()[1])
        assert str(other.getsockname()[1]) in sentence


@pytest.mark.slow
def test_an_unknown_model(tmp_path):
    path = tmp_path / "phaselog.toml"
    path.write_text(CONFIG.format(store="", page=1, port="/dev/a", model="pac3100"))
    done = subprocess.run([*PHASELOG, "check", str(path)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert 'meter[0].model ("turbine"): no model is called "pac3100"' in done.stderr
    assert "siemens-pac3100" in done.stderr
