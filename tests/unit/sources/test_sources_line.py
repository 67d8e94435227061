"""A line owner blames the line when the line fails, and the meter when only this meter does."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from collector.config.settings import LineSettings
from collector.errors import GatewayDown, NoAnswer, PortMissing, SpoolError
from collector.model.reading import Sample
from collector.sources.line import LineOwner
from collector.sources.statistics import Statistics


class PlayTicker:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def boot_ns(self) -> int:
        return int(self.now * 1e9)

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class PlaySource:
    """Answers, or raises what the test says."""

    def __init__(self, meter: str) -> None:
        self.meter = meter
        self.statistics = Statistics()
        self.periods: Mapping[str, float] = {"all": 1.0}
        self.error: Exception | None = None
        self.reads = 0

    def read(self, blocks: frozenset[str]) -> Sample:
        self.reads += 1
        if self.error:
            raise self.error
        return Sample(self.meter, 0, {"frequency": 60.0})

    def probe(self) -> None:
        if self.error:
            raise self.error

    def close(self) -> None:
        pass


class PlayLine:
    def __init__(self, *meters: str) -> None:
        from collector.pipeline.schedule import LineSchedule

        self.ticker = PlayTicker()
        self.sources = {name: PlaySource(name) for name in meters}
        self.kept: list[str] = []
        self.full = False
        periods = {name: source.periods for name, source in self.sources.items()}
        schedule = LineSchedule(periods, self.ticker.now, random.Random(1))
        self.owner = LineOwner(LineSettings("net", host="h"), self.sources, schedule, self.ticker, self.deliver)
        self.owner._stop_wanted.wait = self.wait  # type: ignore[method-assign]

    def wait(self, timeout: float | None = None) -> bool:
        self.ticker.now += timeout or 0.0
        return False

    def deliver(self, sample: Sample) -> None:
        if self.full:
            raise SpoolError("no space")
        self.kept.append(sample.meter)

    def run(self, seconds: float) -> None:
        until = self.ticker.now + seconds
        while self.ticker.now < until:
            self.owner.turn()


def test_a_gateway_that_hangs_up_on_one_meter_costs_the_others_one_second_once() -> None:
    line = PlayLine("a", "b", "broken")
    line.sources["broken"].error = GatewayDown("the connection broke")
    line.run(60)
    assert line.kept.count("a") >= 57
    assert line.kept.count("b") >= 57
    assert line.sources["broken"].reads < 5
    assert line.owner.accounts["broken"].state == "silent"
    assert line.owner.account.state == "open"


def test_a_line_that_is_gone_is_tried_again_for_all_and_nobody_backs_off() -> None:
    line = PlayLine("a", "b")
    for source in line.sources.values():
        source.error = GatewayDown("no connection")
    line.run(120)
    assert line.owner.account.state == "closed"
    assert sum(source.reads for source in line.sources.values()) < 30
    for source in line.sources.values():
        source.error = None
    line.run(7)
    assert {"a", "b"} <= set(line.kept)
    assert not any(line.owner.schedule.probing(name) for name in line.sources)


def test_a_line_that_came_back_is_open_though_its_meter_is_silent() -> None:
    line = PlayLine("a")
    line.sources["a"].error = PortMissing("no such port")
    line.run(10)
    assert line.owner.account.state == "closed"
    line.sources["a"].error = NoAnswer("silent")
    line.run(10)
    assert line.owner.account.state == "open"
    assert line.owner.account.last_error is None
    assert line.owner.accounts["a"].state == "silent"


def test_a_line_that_goes_again_and_again_is_not_blamed_on_a_meter() -> None:
    line = PlayLine("a")
    for _ in range(5):
        line.sources["a"].error = GatewayDown("unplugged")
        line.run(3)
        line.sources["a"].error = None
        line.run(6)
    assert not line.owner.schedule.probing("a")


def test_a_silent_meter_is_left_alone_longer_and_longer_and_comes_back() -> None:
    line = PlayLine("a", "off")
    line.sources["off"].error = NoAnswer("silent")
    line.run(3600)
    assert line.kept.count("a") >= 3598
    assert line.sources["off"].reads == 2
    assert 0 < (line.owner.schedule.next_try("off", line.ticker.now) or 0) <= 300
    line.sources["off"].error = None
    line.run(301)
    assert "off" in line.kept


def test_a_full_disk_is_said_once_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    line = PlayLine("a")
    line.full = True
    line.run(60)
    assert sum("could not be kept" in record.message for record in caplog.records) == 1
    assert line.owner.errors["not_kept"] >= 59
    line.full = False
    line.run(5)
    assert len(line.kept) >= 5


def test_news_and_what_is_confirmed_late_are_handed_over_and_a_refusal_alone_is_not() -> None:
    """A camera's picture that was refused brings no reading; one that agrees brings the one before it, too."""
    line = PlayLine("a")
    source, clock = line.sources["a"], [0]
    samples = [
        Sample("a", 1, {"frequency": None}, frozenset({"frequency"}), trouble="glare"),
        Sample("a", 2, {"frequency": None}, frozenset({"frequency"}), trouble="glare", news={"camera_refused": "ten"}),
        Sample("a", 4, {"frequency": 60.0}, earlier=(Sample("a", 3, {"frequency": 60.0}),)),
        Sample("a", 5, {}),
    ]
    kept: list[int] = []
    line.owner._deliver = lambda sample: kept.append(sample.boot_ns)  # type: ignore[method-assign]
    errors: list[str | None] = []

    def read(blocks: frozenset[str]) -> Sample:
        clock[0] += 1
        return samples[min(clock[0], len(samples)) - 1]

    source.read = read  # type: ignore[method-assign]
    while clock[0] < len(samples):
        line.owner.turn()
        errors.append(line.owner.accounts["a"].last_error)
    assert kept == [2, 3, 4]
    assert "glare" in errors
    assert errors[-1] is None
