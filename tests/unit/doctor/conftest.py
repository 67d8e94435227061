"""A made-up appliance: files under a folder, and small programs that answer as the real ones do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from made_up_appliance import Appliance


@pytest.fixture
def appliance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Appliance:
    """A Raspberry Pi on which everything is well."""
    return Appliance(tmp_path, monkeypatch)


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Takes every program away."""

    def take() -> None:
        empty = tmp_path / "no-programs"
        empty.mkdir()
        monkeypatch.setenv("PATH", str(empty))
        monkeypatch.setattr("collector.doctor.program._ALSO", "")

    return take
