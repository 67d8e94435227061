"""What goes wrong on a DL/T 645 line never becomes a value, and the meter is read again right after."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest
from dlt645_meters import FIRST, SECOND, all_of, bus, meter, opened, source

from collector.errors import BadAnswer, LineError, NoAnswer
from collector.sources.dlt645.contents import values
from collector.sources.dlt645.frame import build
from collector.sources.dlt645.line import find_address
from collector.sources.simulator.asked_line import AskedLine, Fault
from collector.sources.simulator.dlt645_meter import cut

Lumps = Iterable[tuple[float, bytes]]


def silent(said: bytes) -> Lumps:
    return []


def noise(said: bytes) -> Lumps:
    return [(0.0, bytes.fromhex("00 68 ff 16 68 68 fe 10 91"))]


def noise_before(said: bytes) -> Lumps:
    return [(0.0, bytes.fromhex("00 68 ff 16") + said)]


def cut_off(said: bytes) -> Lumps:
    return [(0.0, said[: len(said) // 2])]


def wrong_sum(said: bytes) -> Lumps:
    return [(0.0, said[:-2] + bytes(((said[-2] + 1) % 256, 0x16)))]


def one_bit(said: bytes) -> Lumps:
    return [(0.0, said[:-5] + bytes((said[-5] ^ 1,)) + said[-4:])]


def another_meter(said: bytes) -> Lumps:
    return [(0.0, build(SECOND, 0x91, bytes.fromhex("000101020522")))]


def another_code(said: bytes) -> Lumps:
    return [(0.0, build(FIRST, 0x91, bytes.fromhex("000201020522")))]


def stutter(said: bytes) -> Lumps:
    """The standard allows half a second between two bytes."""
    return [(0.0, said[:9]), (0.45, said[9:])]


def another_first(said: bytes) -> Lumps:
    return [(0.0, build(FIRST, 0x91, bytes.fromhex("000201020522")) + said)]


@pytest.mark.parametrize(
    ("fault", "error", "reason"),
    [
        (silent, NoAnswer, None),
        (noise, BadAnswer, "length"),
        (cut_off, BadAnswer, "length"),
        (wrong_sum, BadAnswer, "sum"),
        (one_bit, BadAnswer, "sum"),
        (another_meter, BadAnswer, "address"),
        (another_code, BadAnswer, "answer"),
    ],
)
def test_a_fault_is_named_and_the_next_question_is_answered(
    fault: Fault, error: type[Exception], reason: str | None
) -> None:
    played = meter()
    played.set("02010100", 230.5)
    with bus(played) as (served, line):
        served.faults.append(fault)
        with pytest.raises(error) as caught:
            line.read(FIRST, "02010100")
        assert getattr(caught.value, "reason", None) == reason
        [value] = values("02010100", line.read(FIRST, "02010100").data)
        assert value.value == 230.5


@pytest.mark.parametrize("fault", [noise_before, stutter, another_first])
def test_what_may_happen_on_a_good_line_is_no_fault(fault: Fault) -> None:
    played = meter()
    played.set("02010100", 230.5)
    with bus(played) as (served, line):
        served.faults.append(fault)
        [value] = values("02010100", line.read(FIRST, "02010100").data)
        assert value.value == 230.5


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.7, 1.3, 2.0])
def test_a_late_answer_is_never_taken_for_the_next_one(delay: float) -> None:
    played = meter(model="generic-dlt645-2007-single-phase")
    with bus(played, baud=38400) as (served, line):
        reading = source(line, model="generic-dlt645-2007-single-phase")
        assert reading.read(all_of(reading)).failed == frozenset()
        played.set("02010100", 111.1)
        served.faults.append(lambda said: [(delay, said)])
        with pytest.raises(NoAnswer):
            reading.read(all_of(reading))
        played.set("02010100", 222.2)
        for _ in range(4):
            try:
                sample = reading.read(all_of(reading))
            except NoAnswer:
                continue
            assert sample.values["voltage_l1_n"] in (None, 222.2)
        assert sample.values["voltage_l1_n"] == 222.2


def test_one_bad_answer_costs_its_own_values_only() -> None:
    with bus(meter(), baud=38400) as (served, line):
        reading = source(line)
        reading.read(all_of(reading))
        served.faults += [lambda said: [(0.0, said)], wrong_sum]
        sample = reading.read(all_of(reading))
        assert sample.failed == {"current_l1", "current_l2", "current_l3"}
        assert {name for name, value in sample.values.items() if value is None} == sample.failed
        assert reading.statistics.errors == {"bad_answer_sum": 1}
        assert reading.read(all_of(reading)).failed == frozenset()


def test_a_meter_that_falls_silent_in_mid_round_keeps_what_it_said() -> None:
    played = meter()
    with bus(played, baud=38400) as (served, line):
        reading = source(line)
        reading.read(all_of(reading))
        served.faults += [lambda said: [(0.0, said)], *[silent] * 3]
        sample = reading.read(all_of(reading))
        assert sample.values["voltage_l1_n"] is not None
        assert "current_l1" in sample.failed
        assert "active_energy_import" in sample.failed


def test_meters_that_answer_at_once_are_no_meter() -> None:
    """The question for the address is for a line with one meter."""
    with bus(meter(FIRST), meter(SECOND)) as (_, line):
        try:
            assert find_address(line) is None
        except BadAnswer as error:
            assert error.reason in ("sum", "length", "noise")


def test_the_adapter_is_pulled_out_in_mid_answer_and_put_back(tmp_path: Path) -> None:
    place, played = tmp_path / "meter", meter()
    played.set("02010100", 230.5)
    served = AskedLine([played], cut, 2400, "8E1", place)
    half_said = threading.Event()

    def stop_in_the_middle(said: bytes) -> Lumps:
        yield 0.0, said[:12]
        half_said.set()

    def pull() -> None:
        half_said.wait(10)
        served.close()

    with closing(opened(place, "dlt645-2007", 2400)) as line:
        served.faults.append(stop_in_the_middle)
        puller = threading.Thread(target=pull)
        puller.start()
        with pytest.raises(LineError):
            line.read(FIRST, "02010100")
        puller.join()
        with pytest.raises(LineError):
            line.read(FIRST, "02010100")
        with AskedLine([played], cut, 2400, "8E1", place):
            [value] = values("02010100", line.read(FIRST, "02010100").data)
            assert value.value == 230.5


@pytest.mark.slow
def test_somebody_else_who_talks_all_the_time_is_named(tmp_path: Path) -> None:
    with bus(meter(), baud=38400) as (served, line):
        line.read(FIRST, "02010100")
        stop = time.monotonic() + 8
        ended = threading.Event()

        def talk() -> None:
            while time.monotonic() < stop and not ended.is_set():
                served._say(b"\x55" * 8, time.monotonic())

        talker = threading.Thread(target=talk)
        talker.start()
        time.sleep(0.1)
        with pytest.raises(BadAnswer) as caught:
            line.read(FIRST, "02010100")
        ended.set()
        talker.join()
        assert caught.value.reason in ("babble", "noise", "length")


def test_a_block_of_a_strange_length_is_given_up_for_single_codes() -> None:
    """Some makers put other things into their blocks; nobody can tell which value is which."""
    with bus(meter(), baud=38400) as (served, line):
        served.faults.append(lambda said: [(0.0, build(FIRST, 0x91, bytes.fromhex("00FF010211111111111111")))])
        reading = source(line)
        for _ in range(2):
            sample = reading.read(all_of(reading))
            assert sample.failed == frozenset()
            assert sample.values["voltage_l1_n"] == pytest.approx(220, abs=20)
        assert sum(bytes.fromhex("33323435") in request for request in served.requests) == 1
        assert reading.statistics.errors == {"bad_answer_content": 1}


def test_a_refusal_that_may_pass_is_asked_again() -> None:
    with bus(meter(model="generic-dlt645-2007-single-phase"), baud=38400) as (served, line):
        reading = source(line, model="generic-dlt645-2007-single-phase")
        served.faults.append(lambda said: [(0.0, build(FIRST, 0xD1, b"\x01"))])
        sample = reading.read(all_of(reading))
        assert (sample.values["voltage_l1_n"], sample.failed) == (None, {"voltage_l1_n"})
        assert reading.statistics.errors == {"refused_1": 1}
        assert reading.read(all_of(reading)).values["voltage_l1_n"] is not None
