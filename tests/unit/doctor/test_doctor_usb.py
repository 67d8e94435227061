"""`phaselog doctor` says what the collector would say of the only USB adapter."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from collector.config.settings import LineSettings, MeterSettings, Settings
from collector.doctor import wires
from collector.model.finding import State
from collector.sources.ports import device_of


def test_no_adapter_is_told_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wires, "device_of", partial(device_of, plugged=list))
    meter = MeterSettings("turbine", "siemens-pac3100", "rs485")
    settings = Settings(tmp_path / "phaselog.toml", lines=(LineSettings("rs485", "usb"),), meters=(meter,))
    line, skipped = wires.lines(settings)
    assert (line.state, line.seen) == (State.WRONG, "no USB serial adapter is connected")
    assert "FTDI" in line.advice
    assert skipped.state is State.SKIPPED
