"""A count survives everything but a minute, and what was told of it survives that too."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from collector.sources.pulses.ledger import PERIOD, Ledger


def ledger(folder: Path, weight: float = 1000.0, line: str = "s0") -> Ledger:
    return Ledger(line, {"pump": weight}, folder / "state", folder / "run")


def test_a_restart_takes_nothing_back(tmp_path: Path) -> None:
    first = ledger(tmp_path)
    first.keep(0)
    first.add({"pump": 1234})
    again = ledger(tmp_path)
    assert again.told("pump") == 0.0
    again.keep(0)
    assert again.told("pump") == 1234.0


def test_a_power_cut_takes_back_only_what_nobody_was_told(tmp_path: Path) -> None:
    first, told = ledger(tmp_path), 0.0
    for second in range(200):
        first.add({"pump": 1})
        first.keep(second)
        now = first.told("pump")
        assert now is not None and told <= now
        assert second + 1 - now <= PERIOD
        told = now
    (tmp_path / "run" / "pulses-s0.json").unlink()
    assert ledger(tmp_path).told("pump") == told


@pytest.mark.slow
def test_the_disk_is_written_once_a_minute_and_only_if_there_is_news(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.append(fd), real(fd))[1])
    first = ledger(tmp_path)
    for second in range(3600):
        if second < 1800:
            first.add({"pump": 1})
        first.keep(second)
    assert len(synced) == 2 * 31


def test_pulses_of_another_weight_go_on_from_where_the_count_was(tmp_path: Path) -> None:
    first = ledger(tmp_path, 1000)
    first.add({"pump": 500})
    first.keep(0)
    second = ledger(tmp_path, 100)
    second.add({"pump": 1})
    second.keep(0)
    assert second.told("pump") == 510.0


def test_a_meter_that_does_not_hang_here_today_is_not_forgotten(tmp_path: Path) -> None:
    first = ledger(tmp_path)
    first.add({"pump": 7})
    first.keep(0)
    other = Ledger("s0", {"mill": 1000.0}, tmp_path / "state", tmp_path / "run")
    other.add({"mill": 1})
    other.keep(0)
    assert ledger(tmp_path).told("pump") == 7.0


def test_without_a_folder_that_lasts_no_energy_is_told(tmp_path: Path) -> None:
    for state in (None, tmp_path / "file" / "state"):
        (tmp_path / "file").touch()
        made = Ledger("s0", {"pump": 1000.0}, state, None)
        made.add({"pump": 5})
        made.keep(0)
        assert made.told("pump") is None


def test_a_disk_that_is_full_silences_the_energy_until_it_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ledger(tmp_path)
    made.add({"pump": 5})
    made.keep(0)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        made.add({"pump": 5})
        made.keep(PERIOD)
        assert made.told("pump") is None
    made.keep(2 * PERIOD)
    assert made.told("pump") == 10.0


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "5", '{"pump":5}', '{"pump":{"pulses":-1,"pulses_per_kwh":1,"before_wh":0}}',
     '{"pump":{"pulses":1,"pulses_per_kwh":0,"before_wh":0}}',
     '{"pump":{"pulses":1,"pulses_per_kwh":1,"before_wh":NaN}}',
     '{"pump":{"pulses":1e999,"pulses_per_kwh":1,"before_wh":0}}', "[" * 100000],
)  # fmt: skip
def test_a_damaged_file_is_not_believed(tmp_path: Path, content: str) -> None:
    first = ledger(tmp_path)
    first.add({"pump": 9})
    first.keep(0)
    (tmp_path / "run" / "pulses-s0.json").write_text(content)
    assert ledger(tmp_path).told("pump") == 9.0
    (tmp_path / "run" / "pulses-s0.json").unlink()
    (tmp_path / "state" / "pulses-s0.json").write_text(content)
    assert ledger(tmp_path).told("pump") is None


def test_people_can_read_the_file(tmp_path: Path) -> None:
    made = ledger(tmp_path)
    made.add({"pump": 9})
    made.keep(0)
    content = json.loads((tmp_path / "state" / "pulses-s0.json").read_text())
    assert content == {"pump": {"pulses": 9, "pulses_per_kwh": 1000.0, "before_wh": 0.0}}
