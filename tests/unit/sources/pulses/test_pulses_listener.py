"""Pulses on pins become energy and power; what the kernel could not keep is counted all the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from collector.config.settings import LineSettings, MeterSettings
from collector.devices import catalogue
from collector.errors import ConfigError, LineError, PortBusy
from collector.model.reading import Sample
from collector.sources.pulses.listener import PulseListener
from tests.unit.sources.pulses.pulse_edges import Clock, Pins

LINE = LineSettings("s0", gpio="/dev/gpiochip0")
PUMP = MeterSettings("pump", "generic-pulses", "s0", unit=17, pulses_per_kwh=1000.0, every=10.0)
SUN = replace(PUMP, name="sun", model="generic-pulses-export", unit=27, pulses_per_kwh=2000.0, start_kwh=100.0)


def listener(folder: Path, pins: Pins, clock: Clock, *meters: MeterSettings) -> PulseListener:
    known = {meter.name: (meter, catalogue.load(meter.model)) for meter in meters or (PUMP,)}
    return PulseListener(LINE, known, clock, folder / "state", folder / "run", pins.open)


def at(made: PulseListener, clock: Clock, now: float) -> dict[str, Sample]:
    clock.now = now
    return {sample.meter: sample for sample in made.listen(0)}


def test_two_meters_on_one_chip_each_count_their_own(tmp_path: Path) -> None:
    pins, clock = Pins(), Clock()
    made = listener(tmp_path, pins, clock, PUMP, SUN)
    first = at(made, clock, 1000)
    assert first["pump"].values == {"active_energy_import": 0.0, "active_power_total": None}
    assert first["sun"].values == {"active_energy_export": 100_000.0, "active_power_total": None}
    assert pins.asked == [("/dev/gpiochip0", 17, 5000), ("/dev/gpiochip0", 27, 5000)]
    for number in range(50):
        pins.pulse(17, 1000 + number * 3.6)
        pins.pulse(27, 1000 + number * 1.8)
    samples = at(made, clock, 1180)
    assert samples["pump"].values == {"active_energy_import": 50.0, "active_power_total": pytest.approx(1000)}
    assert samples["sun"].values["active_energy_export"] == 100_025.0
    assert samples["sun"].values["active_power_total"] == pytest.approx(-3.6e6 / 2000 / (1180 - 1088.2))
    assert samples["pump"].boot_ns == clock.boot_ns()
    made.close()


def test_a_sample_falls_due_at_its_pace(tmp_path: Path) -> None:
    pins, clock = Pins(), Clock()
    made = listener(tmp_path, pins, clock)
    times = [second / 2 for second in range(2000, 2200) if at(made, clock, second / 2)]
    assert times == [1000.0 + 10 * number for number in range(10)]
    assert [bool(at(made, clock, now)) for now in (1500, 1501, 1509, 1510)] == [True, False, False, True]
    made.close()


def test_pulses_that_the_kernel_could_not_keep_are_counted_by_their_numbers(tmp_path: Path) -> None:
    pins, clock = Pins(), Clock()
    made = listener(tmp_path, pins, clock)
    at(made, clock, 1000)
    pins.pulse(17, 1001, lost=4)
    pins.pulse(17, 1002, lost=95)
    sample = at(made, clock, 1070)["pump"]
    assert sample.values["active_energy_import"] == 101.0
    assert made.statistics["pump"].errors == {"edges_not_fetched": 2}
    made.close()


def test_a_pin_that_is_gone_is_a_fault_of_the_line_and_nothing_counted_is_lost(tmp_path: Path) -> None:
    pins, clock = Pins(), Clock()
    made = listener(tmp_path, pins, clock)
    at(made, clock, 1000)
    pins.pulse(17, 1001)
    pins.pulse(17, 1002)
    pins.unplug(17)
    with pytest.raises(LineError, match="pin 17 is gone"):
        at(made, clock, 1003)
    assert at(made, clock, 1070)["pump"].values == {"active_energy_import": 2.0, "active_power_total": None}
    pins.pulse(17, 1071)
    assert at(made, clock, 1140)["pump"].values == {"active_energy_import": 3.0, "active_power_total": None}
    made.close()


def test_a_pin_that_cannot_be_had_does_not_silence_the_others(tmp_path: Path) -> None:
    pins, clock = Pins(), Clock()
    pins.taken.add(27)
    made = listener(tmp_path, pins, clock, PUMP, SUN)
    assert set(at(made, clock, 1000)) == {"pump"}
    assert set(at(made, clock, 1010)) == {"pump"}
    assert made.statistics["sun"].errors == {"port_busy": 1}
    pins.taken.clear()
    assert set(at(made, clock, 1031)) == {"pump", "sun"}
    made.close()
    pins.taken |= {17, 27}
    with pytest.raises(PortBusy):
        at(made, clock, 1040)
    with pytest.raises(PortBusy):
        at(made, clock, 1041)


def test_an_orderly_end_takes_nothing_back(tmp_path: Path) -> None:
    pins, clock = Pins(), Clock()
    made = listener(tmp_path, pins, clock)
    at(made, clock, 1000)
    for number in range(7):
        pins.pulse(17, 1001 + number)
    at(made, clock, 1010)
    made.close()
    (tmp_path / "run" / "pulses-s0.json").unlink()
    assert at(listener(tmp_path, Pins(), clock), clock, 1020)["pump"].values["active_energy_import"] == 7.0


def test_a_meter_whose_pulses_mean_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="pulses_per_kwh"):
        listener(tmp_path, Pins(), Clock(), replace(PUMP, pulses_per_kwh=None))
