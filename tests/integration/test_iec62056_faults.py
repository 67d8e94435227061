"""Whatever happens to the head or the light, an optical meter gives right values or none."""

from __future__ import annotations

import threading
import time

import pytest
from iec62056_head import READOUT, TRUE, line_to, meter, source_on, told, wait_for_characters

from collector.errors import NoAnswer
from collector.sources.iec62056.source import OpticalSource
from collector.sources.simulator.optical import OpticalHead

#: Exchanges at the pace of a real line.
pytestmark = pytest.mark.slow


def reading(source: OpticalSource) -> dict[str, float]:
    """What a reading brought; nothing where it failed."""
    try:
        return told(source.read(READOUT).values)
    except NoAnswer:
        return {}


@pytest.mark.slow
def test_silence_is_told_within_the_time_of_the_standard() -> None:
    house = meter()
    house.silent = True
    with OpticalHead([house], echo=True) as head:
        source = source_on(line_to(head))
        began = time.monotonic()
        with pytest.raises(NoAnswer):
            source.probe()
        assert time.monotonic() - began < 6.0
        assert source.statistics.errors == {"no_answer": 1}
        with pytest.raises(NoAnswer):
            source.read(READOUT)
        assert time.monotonic() - began < 16.0
        house.silent = False
        assert reading(source) == pytest.approx(TRUE)
        source.close()


def test_a_meter_that_sleeps_is_woken_by_the_first_call() -> None:
    house = meter()
    house.asleep = True
    with OpticalHead([house]) as head:
        source = source_on(line_to(head))
        assert reading(source) == pytest.approx(TRUE)
        source.close()
    assert house.calls == 2


def test_a_wrong_block_check_gives_no_value() -> None:
    house = meter()
    house.wrong_check = True
    with OpticalHead([house]) as head:
        source = source_on(line_to(head))
        sample = source.read(READOUT)
        source.close()
    assert told(sample.values) == {}
    assert sample.failed == set(sample.values)
    assert source.statistics.errors == {"bad_answer_block_check": 1}


@pytest.mark.slow
@pytest.mark.parametrize("at", [3, 15, 40, 120])
def test_a_head_knocked_off_and_put_back_costs_one_reading(at: int) -> None:
    with OpticalHead([meter()]) as head:
        source = source_on(line_to(head))
        assert reading(source) == pytest.approx(TRUE)

        def knock() -> None:
            wait_for_characters(head, at)
            head.attached = False
            wait_for_characters(head, 10)
            head.attached = True

        hand = threading.Thread(target=knock)
        hand.start()
        assert reading(source) == {}
        hand.join()
        assert reading(source) == pytest.approx(TRUE)
        source.close()


@pytest.mark.slow
def test_noise_is_never_a_value() -> None:
    with OpticalHead([meter("ISK6NOISE")]) as head:
        source = source_on(line_to(head))
        head.noise = 0.01
        for _ in range(4):
            found = reading(source)
            assert not found or found == pytest.approx(TRUE)
        head.noise = 0.0
        assert reading(source) == pytest.approx(TRUE)
        source.close()


@pytest.mark.slow
def test_a_speed_that_is_not_understood_is_not_tried_again_soon() -> None:
    house = meter()
    house.lost_speed = True
    with OpticalHead([house]) as head:
        line = line_to(head)
        source = source_on(line)
        assert reading(source) == {}
        assert reading(source) == pytest.approx(TRUE)
        assert line._slow  # and it stays so for the next readings
        source.close()
    assert house.heard == [b"\x06050\r\n", b"\x06000\r\n"]


@pytest.mark.slow
def test_one_silent_meter_does_not_spoil_its_neighbour() -> None:
    first, second = meter(address="11", number="111"), meter(address="22", number="222")
    with OpticalHead([first, second]) as head:
        line = line_to(head)
        one, two = source_on(line, "11", "one"), source_on(line, "22", "two")
        first.wrong_check = True
        assert reading(one) == {}
        assert reading(two) == pytest.approx(TRUE)
        first.silent = True
        assert reading(one) == {}
        assert two.read(READOUT).evidence == {"serial": "222"}
        line.close()
