"""Meters of DL/T 645 are read over a line with true character times: both editions, blocks, two on one line."""

from __future__ import annotations

import time

import pytest
from dlt645_meters import FIRST, SECOND, all_of, bus, meter, source

from collector.devices.catalogue import load
from collector.errors import NoAnswer
from collector.sources.dlt645.decode import decode
from collector.sources.dlt645.frame import ANYBODY
from collector.sources.dlt645.line import find_address
from collector.sources.simulator.asked_line import AskedLine

#: Exchanges at the pace of a real line.
pytestmark = pytest.mark.slow

#: Where the time does not matter; meters mostly speak at 1200 to 9600.
FAST = 38400


def asked_for(served: AskedLine) -> list[str]:
    """The identifiers of all requests, as sent: low byte first."""
    return [request[4 + 10 : -2].translate(bytes((b - 0x33) % 256 for b in range(256)))[::-1].hex().upper()
            for request in served.requests]  # fmt: skip


@pytest.mark.parametrize("edition", ["1997", "2007"])
def test_everything_the_model_names_is_read_and_is_what_the_meter_measures(edition: str) -> None:
    model = f"generic-dlt645-{edition}"
    played = meter(model=model)
    with bus(played, baud=FAST, edition=edition) as (_, line):
        turns: list[float] = []
        line.on_turn(lambda: turns.append(time.monotonic()))
        reading = source(line, model=model)
        sample = reading.read(all_of(reading))
    assert len(turns) == reading.statistics.requests > 5
    assert sample.failed == frozenset()
    assert sample.evidence == {"serial": FIRST}
    assert set(sample.values) == set(load(model).quantities())
    for code in load(model).codes:
        shown = sample.values[code.quantity]
        assert shown is not None, code
        assert shown == pytest.approx(played._measured.value(code.quantity), abs=2 * code.step), code
    assert reading.statistics.errors == {}


@pytest.mark.slow
def test_blocks_cost_few_requests_at_the_speed_of_the_standard() -> None:
    with bus(meter()) as (served, line):
        reading = source(line)
        reading.probe()
        served.requests.clear()
        began = time.monotonic()
        reading.read(all_of(reading))
        took = time.monotonic() - began
    assert asked_for(served) == [
        "0201FF00", "0202FF00", "0203FF00", "0204FF00", "0205FF00", "0206FF00", "02800002", "0001FF00", "00020000",
        "00050000", "00060000", "00070000", "00080000",
    ]  # fmt: skip
    # Request and answer are 20 characters each around 101 of values; 30 ms until the meter answers, 20 ms of silence.
    assert took < 1.5 * ((13 * 40 + 101) * 11 / 2400 + 13 * 0.05)


@pytest.mark.slow
def test_a_meter_without_blocks_is_asked_for_one_once_only() -> None:
    played = meter()
    played.blocks = False
    with bus(played, baud=FAST) as (served, line):
        reading = source(line)
        first = reading.read(all_of(reading))
        asked = len(served.requests)
        second = reading.read(all_of(reading))
    assert first.values == second.values
    assert None not in first.values.values()
    assert (asked, len(served.requests) - asked) == (7 + 33, 33)


@pytest.mark.slow
@pytest.mark.parametrize("refuses", [True, False])
def test_what_the_meter_does_not_know_is_missing_and_not_asked_again(refuses: bool) -> None:
    played = meter()
    played.refuses = refuses  # some are silent instead
    for code in ("02800002", "00080000"):
        played.leave_out(code)
    with bus(played, baud=FAST) as (served, line):
        reading = source(line)
        for turn in range(4):
            sample = reading.read(all_of(reading))
            assert sample.values["frequency"] is None
            assert sample.values["reactive_energy_export"] is None  # half of a sum is no sum
            assert sample.values["voltage_l1_n"] is not None
            # One silence may be an accident.
            lost = {"frequency", "reactive_energy_export"} if turn == 0 and not refuses else set()
            assert sample.failed == lost
    assert asked_for(served).count("02800002") == (1 if refuses else 2)
    assert asked_for(served).count("00080000") == (1 if refuses else 2)


def test_a_long_answer_comes_in_follow_on_frames() -> None:
    played = meter()
    played.longest = 8
    with bus(played, baud=FAST) as (served, line):
        answer = line.read(FIRST, "0001FF00")
        assert len(answer.data) == 20
        assert [request[4 + 8] for request in served.requests] == [0x11, 0x12, 0x12]
    [request, *_] = decode(served.requests[0])
    assert (request.identification, request.values, request.complete) == (FIRST, (), True)


def test_two_meters_on_one_line() -> None:
    one, other = meter(FIRST), meter(SECOND)
    one.set("02010100", 219.5)
    other.set("02010100", 231.5)
    with bus(one, other, baud=FAST) as (_, line):
        for address, volts in ((FIRST, 219.5), (SECOND, 231.5)) * 2:
            sample = source(line, address).read(frozenset(["values"]))
            assert (sample.values["voltage_l1_n"], sample.evidence["serial"]) == (volts, address)


def test_negative_values_and_those_that_are_not_available() -> None:
    played = meter()
    played.set("02030000", -1.2345)
    played.set("02020100", -4.999)
    played.set("02010200", None)
    with bus(played, baud=FAST) as (_, line):
        sample = source(line).read(frozenset(["values"]))
    assert sample.values["active_power_total"] == pytest.approx(-1234.5)
    assert sample.values["current_l1"] == -4.999
    assert sample.values["voltage_l2_n"] is None
    assert sample.values["voltage_l3_n"] is not None
    assert sample.failed == frozenset()


@pytest.mark.parametrize("edition", ["1997", "2007"])
def test_the_only_meter_of_a_line_needs_no_address(edition: str) -> None:
    model = f"generic-dlt645-{edition}-single-phase"
    with bus(meter(model=model), baud=FAST, edition=edition) as (_, line):
        sample = source(line, None, model).read(frozenset(["values"]))
        assert sample.evidence == {"serial": FIRST}
        assert find_address(line) == FIRST


@pytest.mark.slow
def test_nobody_there_and_a_meter_that_comes_back() -> None:
    played = meter()
    with bus(played, baud=FAST) as (served, line):
        served.meters = []
        reading = source(line)
        with pytest.raises(NoAnswer):
            reading.read(all_of(reading))
        assert find_address(line) is None
        for _ in range(2):
            with pytest.raises(NoAnswer):
                reading.probe()
        served.meters = [played]
        reading.probe()
        assert None not in reading.read(all_of(reading)).values.values()


def test_another_meter_at_the_same_place_says_so() -> None:
    with bus(meter(FIRST), baud=FAST) as (served, line):
        reading = source(line, None)
        assert reading.read(all_of(reading)).evidence == {"serial": FIRST}
        served.meters = [meter(SECOND)]
        with pytest.raises(NoAnswer):
            reading.read(all_of(reading))
        assert reading.read(all_of(reading)).evidence == {"serial": SECOND}


def test_an_adapter_that_hears_itself() -> None:
    with bus(meter(), baud=FAST) as (served, line):
        served.echo = True
        reading = source(line)
        assert None not in reading.read(all_of(reading)).values.values()
        assert reading.statistics.errors == {}


def test_the_wildcard_is_answered_with_the_true_address() -> None:
    with bus(meter(), baud=1200) as (_, line):
        assert line.read(ANYBODY, "00010000").address == FIRST
