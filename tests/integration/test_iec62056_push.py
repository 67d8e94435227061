"""A meter that sends by itself is heard from any moment on, and never misheard."""

from __future__ import annotations

import dataclasses
import threading
import time

import pytest
from iec62056_head import TRUE, listener_on, shown, told, wait_for_characters

from collector.devices import catalogue
from collector.devices.map import Code
from collector.sources.iec62056.push import PushListener
from collector.sources.simulator.optical import OpticalHead, OpticalMeter

EVERY = 1.2
MODEL = catalogue.load("generic-iec62056-21-push")


def pushing(**more: str) -> OpticalMeter:
    return OpticalMeter("HAG5eHZ010C_EHZ1vA02", lambda: shown(**more))


def hear(listener: PushListener, seconds: float) -> list[dict[str, float]]:
    until = time.monotonic() + seconds
    heard = []
    while time.monotonic() < until:
        heard += [told(sample.values) for sample in listener.listen(0.2)]
    return heard


def test_a_telegram_is_one_sample() -> None:
    with OpticalHead([]) as head:
        listener = listener_on(head)
        listener.listen(0)
        before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        head.push(pushing(), 60.0)
        samples = [sample for _ in range(10) for sample in listener.listen(0.2)]
        listener.close()
    assert [told(sample.values) for sample in samples] == [pytest.approx(TRUE)]
    assert samples[0].evidence == {"serial": "28342193"}
    assert 0 < samples[0].boot_ns - before < 0.3e9
    assert listener.statistics["house"].requests == 1
    assert listener.statistics["house"].errors == {}


@pytest.mark.slow
@pytest.mark.parametrize("at", [1, 30, 90, 170])
def test_a_listener_joins_in_the_middle(at: int) -> None:
    with OpticalHead([]) as head:
        head.push(pushing(), EVERY)
        wait_for_characters(head, at)
        listener = listener_on(head)
        heard = hear(listener, 2 * EVERY + 0.6)
        listener.close()
    assert heard
    assert all(one == pytest.approx(TRUE) for one in heard)
    assert listener.statistics["house"].errors == {}


@pytest.mark.slow
@pytest.mark.parametrize("at", [40, 100, 150])
def test_a_head_knocked_off_in_a_telegram_and_put_back_in_the_next(at: int) -> None:
    with OpticalHead([]) as head:
        listener = listener_on(head)
        listener.listen(0)
        house = pushing()
        head.push(house, EVERY)
        heard = hear(listener, 0.9)

        def knock() -> None:
            wait_for_characters(head, at)
            head.attached = False
            wait_for_characters(head, len(house.telegram()) - 7)  # digits of two values would fit together
            head.attached = True

        hand = threading.Thread(target=knock)
        hand.start()
        heard += hear(listener, 3 * EVERY)
        hand.join()
        listener.close()
    assert len(heard) >= 2
    assert all(one == pytest.approx(TRUE) for one in heard)
    assert listener.statistics["house"].errors["bad_answer_telegram"] >= 1


@pytest.mark.slow
def test_noise_on_a_line_with_parity_is_seen() -> None:
    with OpticalHead([]) as head:
        listener = listener_on(head)
        head.noise = 0.003
        head.push(pushing(), 0.8)
        heard = hear(listener, 8.0)
        listener.close()
    assert heard
    for one in heard:  # half of the noise has the right parity: it may lose a line, and rarely hit a digit
        assert set(one) <= set(TRUE)


@pytest.mark.slow
def test_a_meter_that_never_pauses_is_heard() -> None:
    with OpticalHead([]) as head:
        listener = listener_on(head)
        head.push(pushing(), 0.25)
        heard = hear(listener, 3.0)
        listener.close()
    assert len(heard) > 5
    assert all(one == pytest.approx(TRUE) for one in heard)


@pytest.mark.slow
def test_a_model_says_what_a_number_without_unit_is() -> None:
    house = OpticalMeter("HAG5eHZ", lambda: {"1-0:1.8.0*255": "000001.2963", "1-0:1.7.0*255": "000001.5"})
    with OpticalHead([]) as head:
        listener = listener_on(head)
        head.push(house, EVERY)
        first = hear(listener, 2 * EVERY)[0]
        listener.close()
        model = dataclasses.replace(MODEL, codes=(Code("1-0:1.7.0*255", "active_power_total", scale=2.0),))
        listener = listener_on(head, model=model)
        second = hear(listener, 2 * EVERY)[0]
        listener.close()
    assert first == {"active_energy_import": 1296.3}
    assert second == {"active_power_total": 3.0}
