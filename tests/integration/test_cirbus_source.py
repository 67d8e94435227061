"""Circutor analysers are read over a line with true character times; faults never become values."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from collector.config.settings import LineSettings, MeterSettings
from collector.devices.catalogue import load
from collector.errors import BadAnswer, LineError, NoAnswer
from collector.sources.channel.serial_port import SerialPort
from collector.sources.cirbus.line import CirbusLine
from collector.sources.cirbus.queries import permit
from collector.sources.cirbus.source import CirbusSource
from collector.sources.simulator.asked_line import AskedLine, Fault
from collector.sources.simulator.cirbus_meter import CirbusMeter, cut
from collector.sources.ticker import SystemTicker

MODEL = "circutor-cvmk"
Lumps = Iterable[tuple[float, bytes]]


def analyser(unit: int = 1) -> CirbusMeter:
    return CirbusMeter(load(MODEL), unit, clock=lambda: 0.0, since=43_200.0)


def opened(path: Path, baud: int = 9600) -> CirbusLine:
    line = LineSettings("bus", str(path), baud, "8N1", protocol="cirbus")
    return CirbusLine(line, SerialPort(str(path), baud, "8N1", permit), SystemTicker())


def source(line: CirbusLine, unit: int = 1) -> CirbusSource:
    return CirbusSource(MeterSettings("workshop", MODEL, "bus", unit), load(MODEL), line, SystemTicker())


@contextmanager
def bus(*meters: CirbusMeter, baud: int = 38400) -> Iterator[tuple[AskedLine, CirbusLine]]:
    with AskedLine(meters, cut, baud, "8N1") as served, closing(opened(served.path, baud)) as line:
        yield served, line


def everything(reading: CirbusSource) -> frozenset[str]:
    return frozenset(reading.periods)


def silent(said: bytes) -> Lumps:
    return []


def noise(said: bytes) -> Lumps:
    return [(0.0, b"\x00\xff$\x80")]


def cut_off(said: bytes) -> Lumps:
    return [(0.0, said[: len(said) // 2])]


def wrong_sum(said: bytes) -> Lumps:
    return [(0.0, said[:-3] + (b"00" if said[-3:-1] != b"00" else b"01") + b"\n")]


def test_everything_the_model_names_is_read_and_is_what_the_meter_measures() -> None:
    played = analyser()
    with bus(played, baud=9600) as (served, line):
        turns: list[int] = []
        line.on_turn(lambda: turns.append(1))
        reading = source(line)
        sample = reading.read(everything(reading))
        assert len(served.requests) == len(turns) == 9
    assert sample.failed == frozenset()
    assert set(sample.values) == set(load(MODEL).quantities())
    for code in load(MODEL).codes:
        shown = sample.values[code.quantity]
        assert shown == pytest.approx(played._measured.value(code.quantity), abs=code.step), code


def test_negative_power_and_what_is_not_available() -> None:
    played = analyser()
    played.set("RPI/1", -1.5)
    played.set("RVI/2", None)
    played.set("RLI/1", 0.2)
    played.set("RCI/1", 0.5)
    with bus(played) as (_, line):
        sample = source(line).read(frozenset(["values"]))
    assert sample.values["active_power_l1"] == -1500.0
    assert sample.values["voltage_l2_n"] is None
    assert sample.values["reactive_power_l1"] == pytest.approx(-300.0)
    assert sample.failed == frozenset()


def test_two_meters_on_one_line() -> None:
    one, other = analyser(1), analyser(42)
    one.set("RVI/1", 219.0)
    other.set("RVI/1", 231.0)
    with bus(one, other) as (_, line):
        for unit, volts in ((1, 219.0), (42, 231.0)) * 2:
            assert source(line, unit).read(frozenset(["values"])).values["voltage_l1_n"] == volts


def test_a_meter_without_the_energy_module_is_not_asked_for_it_for_ever() -> None:
    played = analyser()
    played.commands.discard("RWH")
    with bus(played) as (served, line):
        reading = source(line)
        for turn in range(3):
            sample = reading.read(everything(reading))
            assert sample.values["active_energy_import"] is None
            assert sample.values["frequency"] is not None
            assert bool(sample.failed) == (turn == 0)
        assert sum(b"RWH" in request for request in served.requests) == 2


@pytest.mark.parametrize(
    ("fault", "error", "reason"),
    [
        (silent, NoAnswer, None),
        (noise, BadAnswer, "length"),
        (cut_off, BadAnswer, "length"),
        (wrong_sum, BadAnswer, "sum"),
    ],
)
def test_a_fault_is_named_and_the_next_question_is_answered(
    fault: Fault, error: type[Exception], reason: str | None
) -> None:
    played = analyser()
    played.set("RHI/1", 60.0)
    with bus(played, baud=9600) as (served, line):
        served.faults.append(fault)
        with pytest.raises(error) as caught:
            line.ask(1, "RHI")
        assert getattr(caught.value, "reason", None) == reason
        assert line.ask(1, "RHI").content == "600"
        assert line.ask(1, "VER").content == "CVMk V2.11"


@pytest.mark.slow
@pytest.mark.parametrize("delay", [1.05, 1.3, 2.4])
def test_a_late_answer_is_never_taken_for_another_one(delay: float) -> None:
    """Voltages and currents look alike: nothing in an answer tells what was asked."""
    played = analyser()
    with bus(played) as (served, line):
        reading = source(line)
        good = reading.read(everything(reading))
        served.faults.append(lambda said: [(delay, said)])
        with pytest.raises(NoAnswer):
            reading.read(everything(reading))
        for _ in range(4):
            try:
                sample = reading.read(everything(reading))
            except NoAnswer:
                continue
            for name, value in sample.values.items():
                assert value in (None, good.values[name])
        assert sample.failed == frozenset()


def test_one_bad_answer_costs_its_own_values_only() -> None:
    with bus(analyser()) as (served, line):
        reading = source(line)
        served.faults += [lambda said: [(0.0, said)], wrong_sum]
        sample = reading.read(everything(reading))
        assert sample.failed == {"voltage_l1_l2", "voltage_l2_l3", "voltage_l3_l1", "voltage_average_l_l"}
        assert {name for name, value in sample.values.items() if value is None} == sample.failed


def test_an_adapter_that_hears_itself() -> None:
    with bus(analyser()) as (served, line):
        served.echo = True
        reading = source(line)
        assert None not in reading.read(everything(reading)).values.values()


def test_nobody_there_and_a_meter_that_comes_back() -> None:
    played = analyser()
    with bus(played) as (served, line):
        served.meters = []
        reading = source(line)
        for _ in range(3):
            with pytest.raises((NoAnswer, BadAnswer)):
                reading.probe()
        served.meters = [played]
        reading.probe()
        assert reading.read(everything(reading)).failed == frozenset()


def test_the_adapter_is_pulled_out_in_mid_answer_and_put_back(tmp_path: Path) -> None:
    place, played = tmp_path / "analyser", analyser()
    played.set("RHI/1", 60.0)
    served = AskedLine([played], cut, 9600, "8N1", place)
    half_said = threading.Event()

    def stop_in_the_middle(said: bytes) -> Lumps:
        yield 0.0, said[:20]
        half_said.set()

    def pull() -> None:
        half_said.wait(10)
        served.close()

    with closing(opened(place)) as line:
        served.faults.append(stop_in_the_middle)
        puller = threading.Thread(target=pull)
        puller.start()
        with pytest.raises(LineError):
            line.ask(1, "RVI")
        puller.join()
        with pytest.raises(LineError):
            line.ask(1, "RVI")
        with AskedLine([played], cut, 9600, "8N1", place):
            assert line.ask(1, "RHI").content == "600"
