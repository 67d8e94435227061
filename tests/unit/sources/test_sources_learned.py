"""What a meter answered once is remembered; a damaged memory costs a trial, never a reading."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from collector.config.settings import LineSettings, MeterSettings
from collector.sources.learned import Learned

LINE = LineSettings("rs485", port="/dev/meter")
METER = MeterSettings("turbine", "siemens-pac3100", "rs485", 126)


def test_it_is_remembered_by_the_next_run(tmp_path: Path) -> None:
    gaps = Learned(tmp_path / "state").gaps(METER, LINE)
    gaps.learn([(41, 47)], answered=True)
    gaps.learn([(70, 90)], answered=False)
    again = Learned(tmp_path / "state").gaps(METER, LINE)
    assert again.allows((41, 47))
    assert again.allows((42, 45))
    assert not again.allows((70, 90))
    assert again.forbids((70, 90))
    assert not again.forbids((41, 47))


@pytest.mark.parametrize("other", [replace(METER, model="x"), replace(METER, unit=5), replace(METER, name="other")])
def test_another_meter_begins_anew(tmp_path: Path, other: MeterSettings) -> None:
    Learned(tmp_path).gaps(METER, LINE).learn([(41, 47)], answered=True)
    assert not Learned(tmp_path).gaps(other, LINE).allows((41, 47))


def test_another_line_begins_anew(tmp_path: Path) -> None:
    Learned(tmp_path).gaps(METER, LINE).learn([(41, 47)], answered=True)
    assert not Learned(tmp_path).gaps(METER, replace(LINE, port="/dev/other")).allows((41, 47))


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"key": 1}', b"\xff\xfe", b'{"key":"%s","answered":[1],"refused":[]}']
)
def test_a_damaged_file_is_ignored_and_written_anew(
    tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "gaps-turbine.json"
    key = Learned(tmp_path).gaps(METER, LINE).key
    path.write_bytes(damage.replace(b"%s", key.encode()))
    with caplog.at_level(logging.WARNING):
        gaps = Learned(tmp_path).gaps(METER, LINE)
    assert not gaps.allows((41, 47))
    gaps.learn([(41, 47)], answered=True)
    assert Learned(tmp_path).gaps(METER, LINE).allows((41, 47))
    if damage != b'{"key": 1}':
        assert "gaps-turbine.json" in caplog.text


def test_a_full_disk_costs_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    gaps = Learned(tmp_path / "file").gaps(METER, LINE)
    gaps.learn([(41, 47)], answered=True)
    assert gaps.allows((41, 47))
    assert "cannot be written" in caplog.text


def test_what_a_meter_says_last_is_true() -> None:
    gaps = Learned().gaps(METER, LINE)
    gaps.learn([(41, 47)], answered=True)
    gaps.learn([(41, 47)], answered=False)
    assert not gaps.allows((41, 47))
