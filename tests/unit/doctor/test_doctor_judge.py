"""What the collector says of itself is judged once, for the terminal, the page and watching programs."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from collector.config.settings import LineSettings, MeterSettings, Settings
from collector.doctor.examine import examine
from collector.doctor.judge import judge
from collector.doctor.page_doctor import PageDoctor
from collector.errors import StoreDown
from collector.model.finding import State
from collector.model.status import (
    STATUS_FILE,
    ClockStatus,
    CollectorStatus,
    LineStatus,
    MeterStatus,
    SpoolStatus,
    WriterStatus,
)

NOW = 1_795_000_000_000


def settings(folder: Path, *names: str) -> Settings:
    line = LineSettings("rs485", "/dev/meter-rs485")
    meters = tuple(MeterSettings(name, "siemens-pac3100", "rs485", unit=at) for at, name in enumerate(names, 1))
    return Settings(folder / "phaselog.toml", lines=(line,), meters=meters)


def status(**states: str) -> CollectorStatus:
    meters = tuple(
        MeterStatus(name, "rs485", "siemens-pac3100", 1.0, state, NOW - 500, "no answer within 0.3 s")
        for name, state in states.items()
    )
    line = LineStatus("rs485", "/dev/meter-rs485, 19200 8N2", True, 0.18)
    clock = ClockStatus(True, "ntp", 0.0, NOW)
    return CollectorStatus(NOW, NOW, "0.1.0", 1, "Chapada", meters, (line,), SpoolStatus(), WriterStatus(), clock)


def judged(folder, found, problem=None):
    return {each.subject: each for each in judge(settings(folder, "turbine", "mill"), found, problem)}


def test_one_silent_meter_needs_a_look_and_all_of_them_are_wrong(tmp_path):
    found = judged(tmp_path, status(turbine="ok", mill="silent"))
    assert (found["meter turbine"].state, found["meter mill"].state) == (State.FINE, State.ATTENTION)
    assert "no answer" in found["meter mill"].seen
    assert judged(tmp_path, status(turbine="failing", mill="silent"))["meter mill"].state is State.WRONG


@pytest.mark.parametrize(
    ("change", "subject", "state"),
    [
        ({"writer": WriterStatus("down", last_error="gone")}, "storing", State.ATTENTION),
        ({"writer": WriterStatus("refused", last_error="no right")}, "storing", State.WRONG),
        ({"writer": WriterStatus("outdated", hint="phaselog db migrate")}, "storing", State.WRONG),
        ({"writer": WriterStatus("draining")}, "storing", State.ATTENTION),
        ({"spool": SpoolStatus(on_disk=3)}, "spool", State.ATTENTION),
        ({"spool": SpoolStatus(dropped=3)}, "spool", State.WRONG),
        ({"clock": ClockStatus()}, "clock", State.ATTENTION),
        ({"lines": (LineStatus("rs485", "x", False, 0.0, last_error="unplugged"),)}, "line rs485", State.WRONG),
        ({"lines": (LineStatus("rs485", "x", True, 0.0, alive=False),)}, "line rs485", State.WRONG),
    ],
)
def test_what_the_collector_complains_of(tmp_path, change, subject, state):
    found = judged(tmp_path, replace(status(turbine="ok", mill="ok"), **change))[subject]
    assert found.state is state
    assert found.advice


def test_a_store_that_is_down_is_wrong_with_its_hint(tmp_path):
    found = judged(tmp_path, None, StoreDown("nobody answers", "start it"))
    assert (found["store"].state, found["store"].advice) == (State.WRONG, "start it")
    assert found["collector"].state is State.WRONG


def test_the_page_and_the_terminal_find_the_same(tmp_path, monkeypatch):
    """Lines are not opened and the page is not asked by the page itself; all else is the same, word for word."""
    config = tmp_path / "phaselog.toml"
    config.write_text("")
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    (tmp_path / STATUS_FILE).write_text(status().to_json())
    terminal = {each for each in examine(config) if each.subject != "page"}
    doctor = PageDoctor(Settings(config))
    page = {*doctor.judge(status(), None), *doctor.examine()}
    subjects = {each.subject for each in terminal ^ page}
    assert subjects <= {"store", "stored", "schema", "disk"}  # an empty configuration has no store to speak of


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_who_may_not_look_is_told_so_instead_of_false_alarm(tmp_path, monkeypatch):
    config, closed = tmp_path / "phaselog.toml", tmp_path / "closed"
    config.write_text("")
    closed.mkdir(mode=0o700)
    (closed / STATUS_FILE).write_text(status().to_json())
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(closed))
    monkeypatch.setenv("STATE_DIRECTORY", str(closed))
    for folder in (tmp_path, *tmp_path.parents):
        if folder.name.startswith(("pytest-", "popen-", "test_")):  # pytest keeps its folders to itself
            folder.chmod(0o755)
    os.seteuid(65534)
    try:
        found = [each for each in examine(config) if each.subject == "collector"]
    finally:
        os.seteuid(0)
    assert [each.state for each in found] == [State.SKIPPED]
    assert "sudo" in found[0].seen
