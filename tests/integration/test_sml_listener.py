"""A meter that sends SML is heard from any moment on, at the pace of a real line, and never misheard."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from collector.config.settings import LineSettings, MeterSettings
from collector.devices import catalogue
from collector.model.ports import Listener
from collector.model.reading import Sample
from collector.sources.factory import Places, open_listener
from collector.sources.simulator.optical import OpticalHead
from collector.sources.simulator.plant import Plant
from collector.sources.simulator.sml_meter import SmlMeter, seen
from collector.sources.ticker import SystemTicker

MODEL = catalogue.load("generic-sml")
PLANT = Plant()
EVERY = 1.5


@pytest.fixture
def head() -> Iterator[OpticalHead]:
    with OpticalHead([], parity=False) as served:
        yield served


def speaking(head: OpticalHead) -> SmlMeter:
    meter = SmlMeter(12345, seen(MODEL, PLANT, 1e6))
    head.push(meter, EVERY, 9600)
    return meter


def listening(head: OpticalHead) -> Listener:
    line = LineSettings("l", port=str(head.path), baud=9600, frame="8N1", protocol="sml")
    return open_listener(line, [(MeterSettings("house", MODEL.name, "l"), MODEL)], SystemTicker(), Places())


def hear(listener: Listener, seconds: float) -> list[Sample]:
    until, heard = time.monotonic() + seconds, []
    while time.monotonic() < until:
        heard += listener.listen(0.2)
    return heard


def true(sample: Sample) -> bool:
    """What was measured within the seconds of this test."""
    now = PLANT.at(1e6)
    energy, volts = sample.values["active_energy_import"], sample.values["voltage_l1_n"]
    return energy == pytest.approx(now["active_energy_import"], abs=60) and volts == pytest.approx(220, abs=15)


@pytest.mark.slow
def test_telegrams_are_samples_with_their_time_and_number(head: OpticalHead) -> None:
    listener = listening(head)
    listener.listen(0)
    before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    speaking(head)
    heard = hear(listener, 2 * EVERY + 0.5)
    listener.close()
    assert len(heard) >= 2
    assert all(true(sample) and sample.evidence == {"serial": "0a0150484c0000003039"} for sample in heard)
    assert 0 < heard[0].boot_ns - before < 0.3e9
    assert 1.3e9 < heard[1].boot_ns - heard[0].boot_ns < 1.7e9


@pytest.mark.slow
def test_silence_noise_and_a_head_knocked_off_bring_no_wrong_value(head: OpticalHead) -> None:
    listener = listening(head)
    meter = speaking(head)
    heard = hear(listener, EVERY)
    head.noise = 0.01
    heard += hear(listener, 2 * EVERY)
    head.noise = 0.0
    meter.silent = True
    hear(listener, EVERY)
    assert hear(listener, EVERY) == []
    meter.silent = False
    head.attached = False
    heard += hear(listener, 0.7)
    head.attached = True
    meter.wrong_check = True
    heard += hear(listener, 2 * EVERY)
    meter.wrong_check = False
    after = hear(listener, 2 * EVERY + 0.5)
    listener.close()
    assert after
    assert all(true(sample) for sample in heard + after)
    assert sum(listener.statistics["house"].errors.values()) > 0
