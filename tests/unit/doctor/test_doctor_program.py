"""Other programs are asked with patience that ends."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from collector.doctor.program import NotTold, told


def test_what_it_says_is_told():
    assert told("echo", "well") == "well"


def test_a_program_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotTold, match="is not installed"):
        told("no-such-program")


def test_a_refusal_is_its_reason_in_one_line():
    with pytest.raises(NotTold, match=r"^sh: no way$"):
        told("sh", "-c", "echo no way >&2; echo really >&2; exit 3")
    assert told("sh", "-c", "echo active; exit 3", refused=True) == "active"


def test_one_that_hangs_is_ended_with_all_that_it_started(tmp_path):
    began, note = time.monotonic(), tmp_path / "pid"
    with pytest.raises(NotTold, match="did not answer"):
        told("sh", "-c", f"sleep 300 & echo $! > {note}; wait", patience=0.5)
    assert time.monotonic() - began < 60
    stat = Path(f"/proc/{note.read_text().strip()}/stat")
    deadline = time.monotonic() + 5
    while stat.exists() and " Z " not in stat.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not stat.exists() or " Z " in stat.read_text()
