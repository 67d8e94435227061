from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pipeline_play import START, FakeTicker

from collector.config.settings import ClockSettings, SpoolSettings
from collector.pipeline.clock import SiteClock
from collector.pipeline.spool import Spool
from collector.pipeline.trusted_time import Machine


@pytest.fixture
def ticker() -> FakeTicker:
    return FakeTicker()


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "run", tmp_path / "state"


@pytest.fixture
def open_spool(folders: tuple[Path, Path]) -> Callable[..., Spool]:
    def make(**limits: float) -> Spool:
        return Spool(*folders, SpoolSettings(**{"min_free_bytes": 0, **limits}))  # type: ignore[arg-type]

    return make


@pytest.fixture
def known_clock(tmp_path: Path, ticker: FakeTicker) -> SiteClock:
    """UTC = START at CLOCK_BOOTTIME 0."""
    machine = Machine("boot-1", {"ntp": lambda: START * 1_000_000})
    clock = SiteClock(ClockSettings(), tmp_path, ticker, machine)
    clock.poll()
    return clock
