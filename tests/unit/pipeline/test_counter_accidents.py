"""What a meter's counters can suffer: what the pipeline counts is what flowed, and it calls each thing by its name."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pipeline_play import model_of, toy_meter

from collector.model.reading import Flag, Sample
from collector.pipeline.clock import SiteClock
from collector.pipeline.process import MeterPipeline

TOTAL, T1, T2 = "active_energy_import", "active_energy_import_t1", "active_energy_import_t2"
RATED = toy_meter(rated_apparent_power=10e3)
Show = Callable[[dict[str, float]], dict[str, float]]


def plain(shown: dict[str, float]) -> dict[str, float]:
    return shown


@dataclass
class Meter:
    """A two-tariff meter whose true counters run at `power` W; `show` is how it says them; `step` Wh its display."""

    power: float = 4000.0
    step: float = 1.0
    true: dict[str, float] = field(default_factory=lambda: {TOTAL: 25_409_587.0, T1: 4_200_177.0, T2: 21_209_409.0})
    flowed: float = 0.0
    show: Show = plain

    def run(self, seconds: float, tariff: str = T2) -> None:
        energy = self.power * seconds / 3600.0
        self.flowed += energy
        self.true[TOTAL] += energy
        self.true[tariff] += energy

    def said(self) -> dict[str, float]:
        shown = self.show(dict(self.true))
        return {name: math.floor(value / self.step + 1e-9) * self.step for name, value in shown.items()}


class Logger:
    """The pipeline, and the store's way to add up."""

    def __init__(self, clock: SiteClock, rollover: float | None = None) -> None:
        self._make = lambda: MeterPipeline(RATED, model_of("frequency", TOTAL, T1, T2, rollover=rollover), clock)
        self.pipeline = self._make()
        self.now = 1000.0
        self.last: dict[str, float] = {}
        self.counted = dict.fromkeys((TOTAL, T1, T2), 0.0)
        self.kinds: list[str] = []
        self.messages: list[str] = []
        self.flags = Flag(0)
        self.time = 0

    def restart(self) -> None:
        self.pipeline = self._make()
        self.pipeline.restore({name: (self.time, value) for name, value in self.last.items()})

    def read(self, values: dict[str, float]) -> None:
        done = self.pipeline.process(Sample("turbine", int(self.now * 1e9), values | {"frequency": 50.0}))
        self.time = done.reading.time
        self.flags |= done.reading.flags
        for name, value in done.reading.values.items():
            if value is None or name not in self.counted:
                continue
            if name in self.last:
                added = done.reading.counted.get(name, value - self.last[name])
                assert added >= 0.0, (name, added)
                self.counted[name] += added
            self.last[name] = value
        self.kinds += [event.kind for event in done.events]
        self.messages += [event.message for event in done.events]


@pytest.fixture
def logger(known_clock: SiteClock) -> Logger:
    return Logger(known_clock)


def live(logger: Logger, meter: Meter, readings: int, every: float = 1.0, tariff: str = T2) -> None:
    for _ in range(readings):
        logger.now += every
        meter.run(every, tariff)
        logger.read(meter.said())


def factored(factor: float, *names: str) -> Show:
    return lambda shown: {n: v * factor if n in names or not names else v for n, v in shown.items()}


def exchanged(shown: dict[str, float]) -> dict[str, float]:
    return shown | {T1: shown[T2], T2: shown[T1]}


def reset(meter: Meter) -> None:
    meter.true = dict.fromkeys(meter.true, 0.0)


def swapped(meter: Meter) -> None:
    meter.true = {TOTAL: 8_123_789.0, T1: 2_000_017.0, T2: 6_123_772.0}


def offset(meter: Meter, by: float, *names: str) -> None:
    for name in names:
        meter.true[name] += by


ACCIDENTS: dict[str, tuple[Callable[[Meter], None], str, float]] = {
    # what happens, how it is called, Wh by which a counter may differ beyond what flowed unseen
    "kWh instead of Wh": (lambda m: setattr(m, "show", factored(1e-3)) or setattr(m, "step", 1e-3), "counter_scale", 2),
    "a decimal moves up": (lambda m: setattr(m, "show", factored(0.1)), "counter_scale", 22),
    "a decimal moves down": (lambda m: setattr(m, "show", factored(10.0)), "counter_scale", 2),
    "a thousand times": (lambda m: setattr(m, "show", factored(1e3)), "counter_scale", 2),
    "decimals are lost": (lambda m: setattr(m, "step", 1e3), "counter_scale", 1002),
    "tariffs change places": (lambda m: setattr(m, "show", exchanged), "tariff_exchange", 2),
    "set to zero": (reset, "counter_reset", 2),
    "another meter": (swapped, "meter_swap", 2),
}


@pytest.mark.parametrize("name", ACCIDENTS)
@example(power=6998.0, before=20, off=900.0, restarted=False, every=10.0, offset_=247.0)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    power=st.floats(0.0, 9000.0),
    before=st.integers(3, 30),
    off=st.sampled_from([0.0, 0.0, 5.0, 60.0, 900.0, 3600.0]),
    restarted=st.booleans(),
    every=st.sampled_from([1.0, 10.0, 60.0]),
    offset_=st.floats(0.0, 999.0),
)
def test_what_is_counted_is_what_flowed(
    known_clock: SiteClock,
    name: str,
    power: float,
    before: int,
    off: float,
    restarted: bool,
    every: float,
    offset_: float,
) -> None:
    happens, kind, bound = ACCIDENTS[name]
    meter, logger = Meter(power=power), Logger(known_clock)
    for counter in meter.true:
        meter.true[counter] += offset_
    live(logger, meter, before, every)
    logger.now += off
    meter.run(off)
    unseen = meter.power * (off + every) / 3600.0 if kind in ("counter_reset", "meter_swap") else 0.0
    first = meter.flowed
    happens(meter)
    if restarted:
        logger.restart()
    live(logger, meter, 12, every)
    truth = meter.flowed - meter.power * every / 3600.0
    assert logger.counted[TOTAL] == pytest.approx(truth, abs=bound + unseen + 1), logger.messages
    assert logger.counted[T1] + logger.counted[T2] == pytest.approx(truth, abs=2 * bound + unseen + 1), logger.messages
    if name != "decimals are lost" or logger.kinds:
        assert set(logger.kinds) <= {kind, "meter_swap"}, logger.messages
    if name not in ("decimals are lost",):
        assert kind in logger.kinds, logger.messages
    assert first <= meter.flowed


def test_one_tariff_takes_over_the_count_of_the_other(logger: Logger) -> None:
    meter = Meter()
    live(logger, meter, 5)
    stood = meter.true[T2]
    meter.show = lambda shown: shown | {T1: stood + shown[T1] - 4_200_177.0, T2: stood}
    live(logger, meter, 10, tariff=T1)
    assert "tariff_exchange" in logger.kinds
    assert "goes on where active_energy_import_t2 stood" in logger.messages[0]
    truth = meter.flowed - meter.power / 3600.0
    assert logger.counted[T1] + logger.counted[T2] == pytest.approx(truth, abs=4)
    assert logger.flags & Flag.TARIFF_EXCHANGE


def test_the_exchange_back_is_another_event(logger: Logger) -> None:
    meter = Meter()
    for show in (plain, exchanged, plain):
        meter.show = show
        live(logger, meter, 6)
    assert logger.kinds == ["tariff_exchange", "tariff_exchange"]
    assert logger.counted[T1] + logger.counted[T2] == pytest.approx(meter.flowed, abs=6)


def test_a_unit_that_comes_back_is_followed_back(logger: Logger) -> None:
    meter = Meter()
    for show in (plain, factored(0.1), plain):
        meter.show = show
        live(logger, meter, 6)
    assert logger.kinds == ["counter_scale", "counter_scale"]
    assert logger.last[TOTAL] == meter.said()[TOTAL]
    assert logger.counted[TOTAL] == pytest.approx(meter.flowed, abs=25)


@pytest.mark.parametrize("end", [1e8, 1e9, 2.0**32])
def test_a_rollover_that_no_map_knows_is_recognised(logger: Logger, end: float) -> None:
    meter = Meter(true={TOTAL: end - 6.0, T1: 5e6, T2: 7e6}, show=lambda s: s | {TOTAL: s[TOTAL] % end})
    live(logger, meter, 20)
    assert logger.kinds == ["counter_rollover"]
    assert f"{end:.15g}" in logger.messages[0]
    assert logger.counted[TOTAL] == pytest.approx(meter.flowed, abs=3)


def test_a_known_rollover_needs_no_second_word(known_clock: SiteClock) -> None:
    logger = Logger(known_clock, rollover=1e9)
    meter = Meter(true={TOTAL: 1e9 - 6.0, T1: 5e6, T2: 7e6}, show=lambda s: s | {TOTAL: s[TOTAL] % 1e9})
    live(logger, meter, 20)
    assert logger.kinds == ["counter_rollover"]
    assert logger.counted[TOTAL] == pytest.approx(meter.flowed, abs=3)


@pytest.mark.parametrize("wrong", [{T1: 21_209_420.0}, {TOTAL: 2_540_959.0}, {TOTAL: 0.0, T1: 0.0}, {T2: 4e6, T1: 3e7}])
def test_one_or_two_wrong_readings_change_nothing(logger: Logger, wrong: dict[str, float]) -> None:
    meter = Meter()
    for times in (1, 2):
        live(logger, meter, 4)
        for _ in range(times):
            logger.now += 1
            logger.read(meter.said() | wrong)
    live(logger, meter, 3)
    assert logger.kinds == []
    assert logger.counted[TOTAL] == pytest.approx(meter.flowed, abs=3)


def test_a_jump_that_the_measured_power_contradicts_is_no_energy(known_clock: SiteClock) -> None:
    """Without a rating too: 20 MWh in a second are another meter where the meter itself measures 2 kW."""
    names = ("active_power_total", TOTAL)
    pipeline = MeterPipeline(toy_meter(), model_of(*names), known_clock)
    kinds, counted, last = [], 0.0, None
    for second in range(20):
        energy = 1e6 + second + (2e7 if second >= 10 else 0.0)
        done = pipeline.process(Sample("turbine", second * 10**9, dict(zip(names, (2000.0, energy), strict=True))))
        kinds += [event.kind for event in done.events]
        value = done.reading.values[TOTAL]
        if value is not None:
            counted += done.reading.counted.get(TOTAL, value - last) if last is not None else 0.0
            last = value
    assert kinds == ["meter_swap"]
    assert 15 <= counted <= 20


def test_events_say_from_what_to_what_and_what_was_assumed(logger: Logger) -> None:
    meter = Meter()
    live(logger, meter, 3)
    meter.show, meter.step = factored(1e-3), 1e-3
    live(logger, meter, 3)
    assert "1000 times" in logger.messages[0]
    assert "25409590 Wh, now 25409.59" in logger.messages[0]
    assert logger.flags & Flag.COUNTER_SCALE


@pytest.mark.slow
@example(start=(50364.0, 0.0), story=[("a decimal moves down", 0.0), ("tariffs change places", 7200.0)], power=1.0)
@example(
    start=(0.0, 136295.0),
    story=[("kWh instead of Wh", 0.0), ("tariffs change places", 0.0), ("kWh instead of Wh", 0.0)],
    power=0.0,
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.tuples(st.floats(0.0, 1e10), st.floats(0.0, 1e10)),
    story=st.lists(
        st.tuples(st.sampled_from([*ACCIDENTS, "nothing", "garbage"]), st.sampled_from([0.0, 0.0, 30.0, 7200.0])),
        max_size=6,
    ),
    power=st.floats(0.0, 9000.0),
)
def test_whatever_happens_no_jump_becomes_energy(
    known_clock: SiteClock, start: tuple[float, float], story: list[tuple[str, float]], power: float
) -> None:
    """Counters of any height, any accidents on top of each other: never more than 3 times the rating."""
    meter, logger = Meter(power=power, true={T1: start[0], T2: start[1], TOTAL: sum(start)}), Logger(known_clock)
    began = logger.now
    live(logger, meter, 4)
    for name, off in story:
        logger.now += off
        meter.run(off)
        if name in ACCIDENTS:
            ACCIDENTS[name][0](meter)
        elif name == "garbage":
            logger.read({T1: 7e8, T2: 0.0, TOTAL: 3.0})
        live(logger, meter, 5)
    # Each change may bring what was possible in the minute and the quarter of an hour that counters may lag behind.
    seconds = logger.now - began + 4 * 960.0 * (1 + len(story))
    # And in steps of 1 kWh each of the two ends that are compared may be a step away, before and after a change.
    most = 30e3 * seconds / 3600.0 + 4e3 * (1 + len(story))
    for name, counted in logger.counted.items():
        assert counted <= most, (name, logger.messages)
