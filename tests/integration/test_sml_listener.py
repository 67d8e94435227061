"""A simulated SML meter on a pseudo-terminal is heard at the speed of its characters, through silence and noise."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from collector.config.settings import MeterSettings
from collector.devices import catalogue
from collector.devices.map import Model
from collector.errors import LineError, UsageError
from collector.model.reading import Sample
from collector.sources.channel.serial_port import SerialPort
from collector.sources.simulator.plant import Plant
from collector.sources.simulator.sml_meter import SmlLine, SmlMeter
from collector.sources.sml.listener import SmlListener
from collector.sources.ticker import SystemTicker

TICKER = SystemTicker()
#: What a household meter shows: little, so that a telegram takes 0.3 s.
SHOWN = ("1.8.0", "2.8.0", "16.7.0", "32.7.0", "31.7.0", "14.7.0")


def nothing(frame: bytes) -> None:
    raise UsageError("nobody is asked here")


@pytest.fixture(scope="module")
def model() -> Model:
    whole = catalogue.load("generic-sml")
    codes = tuple(code for code in whole.codes if code.code in SHOWN)
    return Model(whole.name, whole.maker, whole.title, "sml", (), whole.sources, True, codes=codes)


@pytest.fixture
def line(model: Model) -> Iterator[SmlLine]:
    with SmlLine(SmlMeter(model, Plant(), since=1000.0), every=1.0) as served:
        yield served


@pytest.fixture
def listener(line: SmlLine, model: Model) -> Iterator[SmlListener]:
    channel = SerialPort(str(line.path), 9600, "8N1", nothing)
    made = SmlListener(MeterSettings("house", "generic-sml", "line"), model, channel, TICKER)
    yield made
    made.close()


def hear(listener: SmlListener, seconds: float) -> list[Sample]:
    until = time.monotonic() + seconds
    found: list[Sample] = []
    while (left := until - time.monotonic()) > 0:
        found += listener.listen(min(left, 0.25))
    return found


def first(listener: SmlListener, seconds: float = 10.0) -> Sample:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if samples := listener.listen(0.25):
            return samples[0]
    raise AssertionError(f"nothing within {seconds} s")


def errors(listener: SmlListener) -> dict[str, int]:
    return dict(listener.statistics["house"].errors)


def test_values_serial_and_the_time_of_the_first_byte(listener: SmlListener, model: Model):
    first(listener)
    before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    sample = first(listener)
    arrived = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    wanted = Plant().at(1000.0)
    assert sample.values["active_energy_import"] == pytest.approx(wanted["active_energy_import"], rel=1e-4)
    assert sample.values["voltage_l1_n"] == pytest.approx(wanted["voltage_l1_n"], rel=0.05)
    assert sample.values["frequency"] == pytest.approx(60.0, abs=0.2)
    assert None not in sample.values.values()
    assert dict(sample.evidence) == {"serial": "1PHL0000012345"}
    length = len(SmlMeter(model, Plant()).telegram()) * 10 / 9600
    assert before - 0.02e9 < sample.boot_ns < arrived - 0.8 * length * 1e9
    assert errors(listener) == {}


def test_whoever_comes_in_the_middle_of_a_telegram_waits_for_the_next(line: SmlLine, listener: SmlListener):
    hear(listener, 0.1)
    listener.close()
    time.sleep(0.05)
    assert first(listener).values["frequency"] is not None
    assert errors(listener) == {}


@pytest.mark.slow
def test_silence_is_silence_and_then_it_goes_on(line: SmlLine, listener: SmlListener):
    first(listener)
    line.silent = True
    hear(listener, 1.0)
    assert hear(listener, 2.0) == []
    line.silent = False
    assert first(listener).values["frequency"] is not None
    assert errors(listener) == {}


@pytest.mark.slow
def test_a_telegram_that_breaks_off_is_dropped_and_counted(line: SmlLine, listener: SmlListener):
    first(listener)
    line.cut = 100
    hear(listener, 1.0)
    assert hear(listener, 2.0) == []
    assert errors(listener)["bad_answer_cut"] >= 1
    line.cut = None
    assert first(listener).values["frequency"] is not None
    assert set(errors(listener)) == {"bad_answer_cut"}


@pytest.mark.slow
def test_noise_is_counted_and_never_recorded(line: SmlLine, listener: SmlListener):
    wanted = first(listener).values["active_energy_import"]
    assert wanted is not None
    line.noise = 0.02
    hear(listener, 1.0)
    for sample in hear(listener, 8.0):
        assert sample.values["active_energy_import"] == pytest.approx(wanted, abs=50)
    assert sum(errors(listener).values()) >= 4
    line.noise = 0.0
    assert first(listener).values["frequency"] is not None


def test_a_port_that_is_gone_is_a_broken_line(line: SmlLine, listener: SmlListener):
    first(listener)
    line.close()
    with pytest.raises(LineError):
        hear(listener, 3.0)


@pytest.mark.slow
def test_every_telegram_in_a_row_is_heard(line: SmlLine, listener: SmlListener):
    first(listener)
    begun = line.whole
    samples = hear(listener, 20.0)
    assert abs(len(samples) - (line.whole - begun)) <= 1
    steps = [(after.boot_ns - before.boot_ns) / 1e9 for before, after in pairwise(samples)]
    assert all(abs(step - 1.0) < 0.25 for step in steps)
    assert errors(listener) == {}
