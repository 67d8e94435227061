"""The job of the calculations: nothing is lost when it fails, and each command line ends in a sentence."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from collector.cli import frame
from collector.config.settings import MeterSettings, Settings, StoreSettings
from collector.errors import PhaselogError
from collector.model.insight import Period, Replacement, Stored
from collector.model.reading import Reading
from collector.service import insight
from collector.store.factory import open_insights, open_maintainer, open_writer

START, DAY = 1_772_409_600_000, 86_400_000
COUNTER = "active_energy_import"


class Counted:
    """Counts the days that it was given; fails while it is told to."""

    follows = None

    def __init__(self, name: str, *, fails: bool = False) -> None:
        self.name, self.fails, self.fingerprint = name, fails, name
        self.seen: list[int] = []

    def compute(self, stored: Stored, meter: str, days: Sequence[Period], now: int) -> Iterable[Replacement]:
        if self.fails:
            raise ZeroDivisionError("a defect")
        self.seen += [day.start for day in days]
        return ()

    def refresh(self, stored: Stored, meter: str, now: int) -> Iterable[Replacement]:
        return ()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(
        tmp_path / "x.toml", store=StoreSettings(path=tmp_path / "x.sqlite"), meters=(MeterSettings("house", "m", "l"),)
    )
    with closing(open_maintainer(made.store, made.site)) as maintainer:
        maintainer.migrate({"house": [COUNTER]}, START)
    with closing(open_writer(made.store, made.site, now=lambda: START + 90 * DAY)) as writer:
        # More days than one piece holds.
        writer.commit([Reading("house", START + n * DAY, {COUNTER: float(n)}) for n in range(70)])
        while writer.roll_up(1000):
            pass
    return made


def run(settings: Settings, seconds: float = 1e9) -> int:
    with closing(open_insights(settings.store, settings.site)) as store:
        return insight.Run(settings, store, seconds, lambda: START + 90 * DAY).all()


def test_one_that_fails_costs_the_others_nothing(settings, monkeypatch, caplog):
    good, bad = Counted("good"), Counted("bad", fails=True)
    monkeypatch.setattr(insight, "calculations", lambda _: [bad, good])
    caplog.set_level(logging.ERROR)
    with pytest.raises(PhaselogError, match="not computed: bad"):
        run(settings)
    assert len(set(good.seen)) == 70
    assert good.seen == sorted(good.seen, reverse=True), "the newest first"
    assert "a defect" in caplog.text
    bad.fails = False
    assert run(settings) == 0
    assert len(set(bad.seen)) == 70, "its days had stayed due"
    assert len(set(good.seen)) == 70


def test_what_does_not_fit_into_one_run_waits_for_the_next(settings, monkeypatch):
    one = Counted("one")
    monkeypatch.setattr(insight, "calculations", lambda _: [one])
    assert run(settings, seconds=-1) > 0
    assert one.seen == []
    assert run(settings) == 0


CONFIG = """
[store]
path = "{path}"
[[line]]
name = "l"
port = "/dev/x"
[[meter]]
name = "house"
model = "siemens-pac3100"
line = "l"
[[tariff]]
name = "flat"
valid_from = {day}
currency = "EUR"
  [[tariff.band]]
  name = "all"
  price = 0.3
"""


def test_the_command(settings, tmp_path, capfd):
    path = tmp_path / "phaselog.toml"
    path.write_text(CONFIG.format(path=settings.store.path, day=date(2026, 1, 1)))
    assert frame.ended(["insight", str(path)]) == 0
    with closing(open_insights(settings.store, settings.site)) as store:
        assert store.results("bill", "house", 0, 1 << 42)
    assert frame.ended(["check", str(path)]) == 0
    assert "tariff flat: all meters, from 2026-01-01, EUR for a kWh: all 0.3" in capfd.readouterr().out


def test_the_command_without_tables(tmp_path, capfd):
    path = tmp_path / "phaselog.toml"
    path.write_text(CONFIG.format(path="new.sqlite", day=date(2026, 1, 1)))
    assert frame.ended(["insight", str(path)]) == 4
    assert "phaselog db migrate" in capfd.readouterr().err
