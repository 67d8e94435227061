"""Messages of one meter become samples: each value once, at its time, and no sum of parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.config.settings import MeterSettings
from collector.devices import catalogue
from collector.devices.map import Code
from collector.errors import ConfigError
from collector.model.reading import Sample
from collector.sources.mqtt.gathering import SETTLE, Gathering
from collector.sources.mqtt.subject import subject

CODES = (
    Code("u", "voltage_l1_n"),
    Code("e", "active_energy_import", scale=1000.0),
    Code("in", "active_power_total"),
    Code("out", "active_power_total", sign=-1.0),
)
VALUES = st.none() | st.integers(0, 99).map(float)
HEARD = st.dictionaries(st.sampled_from([code.code for code in CODES]), VALUES, min_size=1)
#: What one message says, and the ms since the one before.
MESSAGES = st.lists(st.tuples(HEARD, st.integers(0, 400)), max_size=20)


def samples_of(messages: list[tuple[dict[str, float | None], int]]) -> tuple[list[Sample], list[int]]:
    """The samples that a listener which looks each ms would give, and when each message came (ms)."""
    made, samples, now, came = Gathering("m", CODES), [], 0, []
    for heard, gap in messages:
        for _ in range(gap):
            now += 1
            left = made.left(now * 1_000_000)
            if left is not None and (made.whole or left <= 0):
                samples.append(made.take())
        came.append(now)
        samples.append(made.add(heard, now * 1_000_000))
    samples.append(made.take())
    return [sample for sample in samples if sample is not None], came


@pytest.mark.slow
@given(MESSAGES)
def test_each_value_is_told_once_in_order_and_stamped_within_its_window(
    messages: list[tuple[dict[str, float | None], int]],
) -> None:
    samples, came = samples_of(messages)
    published = [heard["u"] for heard, _ in messages if "u" in heard]
    assert [sample.values["voltage_l1_n"] for sample in samples if "voltage_l1_n" in sample.values] == published
    assert [sample.boot_ns for sample in samples] == sorted(sample.boot_ns for sample in samples)
    assert {sample.boot_ns // 1_000_000 for sample in samples} <= set(came)


@pytest.mark.slow
@given(MESSAGES)
def test_a_sum_needs_all_its_parts_within_one_window(messages: list[tuple[dict[str, float | None], int]]) -> None:
    for sample in samples_of(messages)[0]:
        if "active_power_total" not in sample.values:
            continue
        first = sample.boot_ns / 1e6
        now, near = 0, []
        for heard, gap in messages:
            now += gap
            if first <= now <= first + 1000 * SETTLE:
                near.append(heard)
        ins = [heard["in"] for heard in near if "in" in heard]
        outs = [heard["out"] for heard in near if "out" in heard]
        value = sample.values["active_power_total"]
        possible = [None if a is None or b is None else a - b for a in ins for b in outs]
        assert value in possible


def test_scale_and_sign_are_the_models() -> None:
    made = Gathering("m", CODES)
    assert made.add({"u": 230.0, "e": 1.5, "in": None, "out": 5.0}, 7) is None
    assert made.whole
    assert made.take() == Sample(
        "m", 7, {"voltage_l1_n": 230.0, "active_energy_import": 1500.0, "active_power_total": None}
    )
    assert made.take() is None


def test_topics_are_below_the_meters_own_and_states_may_be_above() -> None:
    meter = MeterSettings("m", "shelly-em-channel", "l", topic="shellies/shellyem-B9/emeter/1")
    found = subject(meter, catalogue.load(meter.model))
    assert found.topics[0] == "shellies/shellyem-B9/online"
    assert found.places["shellies/shellyem-B9/emeter/1/power"] == {"": "power"}


@pytest.mark.parametrize("topic", ["", "tele/+", "#", "a\0b"])
def test_what_is_no_topic_is_refused(topic: str) -> None:
    model = catalogue.load("zigbee2mqtt-energy")
    with pytest.raises(ConfigError, match="no MQTT topic"):
        subject(MeterSettings("m", model.name, "l", topic=topic), model)
