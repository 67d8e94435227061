"""A simulated meter answers like a meter: what it has, what it refuses, and never a write."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymodbus.client.mixin import ModbusClientMixin
from pymodbus.pdu import DecodePDU

from collector.devices import catalogue
from collector.devices.map import Choice, Group, Identity, Model, Register, RegisterType, When
from collector.sources.simulator import Plant, SimulatedMeter
from collector.sources.simulator.image import Image

DECODER = DecodePDU(False)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def meter(clock) -> SimulatedMeter:
    return SimulatedMeter(catalogue.load("siemens-pac3100"), Plant(), clock, since=1e6)


def ask(meter: SimulatedMeter, function: int, address: int, count: int) -> bytes:
    answer = meter.answer(struct.pack(">BHH", function, address, count))
    assert answer is not None
    return answer


def registers(meter: SimulatedMeter, address: int, count: int, function: int = 3) -> list[int]:
    answer = DECODER.decode(ask(meter, function, address, count))
    assert answer is not None
    assert not answer.isError()
    return list(answer.registers)


def refusal(answer: bytes) -> int:
    assert answer[0] & 0x80
    assert len(answer) == 2
    return answer[1]


def test_both_functions_give_the_same_float(meter):
    for function in (3, 4):
        words = registers(meter, 1, 2, function)
        value = ModbusClientMixin.convert_from_registers(words, ModbusClientMixin.DATATYPE.FLOAT32)
        assert value == pytest.approx(meter.value("voltage_l1_n"), rel=1e-6)


@pytest.mark.parametrize(
    ("address", "count"),
    [(2, 2), (1, 1), (1, 3), (0, 2), (41, 2), (39, 4), (1, 54), (803, 2), (60000, 1)],
    ids=["middle", "half", "one and half", "before", "hole", "into hole", "across hole", "half double", "command"],
)  # fmt: skip
def test_a_read_must_begin_and_end_with_a_value(meter, address, count):
    assert refusal(ask(meter, 3, address, count)) == 2


def test_a_meter_that_fills_its_holes(clock):
    meter = SimulatedMeter(catalogue.load("siemens-pac3100"), clock=clock, strict_holes=False)
    words = registers(meter, 1, 54)
    assert words[40:46] == [0xFFFF] * 6
    assert refusal(ask(meter, 3, 41, 2)) == 2


@pytest.mark.parametrize("count", [0, 126, 0xFFFF])
def test_too_many_registers(meter, count):
    assert refusal(ask(meter, 3, 1, count)) == 3


@pytest.mark.parametrize("function", [1, 5, 6, 15, 16, 22, 23, 8, 100])
def test_what_it_does_not_know_it_refuses(meter, function):
    assert refusal(meter.answer(bytes([function]) + b"\x00\x01\x00\x02")) == 1


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=253))
def test_nothing_on_the_wire_breaks_or_changes_it(pdu):
    meter = SimulatedMeter(catalogue.load("siemens-pac3100"), Plant(), lambda: 7.0, since=0.0)
    before = ask(meter, 3, 1, 40), ask(meter, 3, 801, 8), ask(meter, 3, 50025, 2)
    answer = meter.answer(pdu)
    assert answer
    assert answer[0] & 0x7F == pdu[0] & 0x7F
    assert before == (ask(meter, 3, 1, 40), ask(meter, 3, 801, 8), ask(meter, 3, 50025, 2))


def test_values_move_with_time_but_not_within_one_measurement(meter, clock):
    first = registers(meter, 801, 4)
    clock.now = 0.1
    assert registers(meter, 801, 4) == first
    clock.now = 60.0
    assert registers(meter, 801, 4) != first


def double(meter: SimulatedMeter, address: int) -> float:
    return struct.unpack(">d", ask(meter, 3, address, 4)[2:])[0]


def test_setting_50025_decides_what_is_counted(meter):
    plant = Plant().at(1e6)
    for raw, word in ((0, "import"), (1, "export"), (2, "net")):
        meter.set_raw("energy_counting", raw << 16 | raw)
        assert double(meter, 801) == pytest.approx(plant[f"active_energy_{word}"])
        assert double(meter, 805) == pytest.approx(plant[f"reactive_energy_{word}"])


def test_a_balance_may_be_negative(clock):
    meter = SimulatedMeter(catalogue.load("siemens-pac3100"), Plant(load=-2000.0), clock, since=1e6)
    meter.set_raw("energy_counting", 2)
    assert double(meter, 801) < 0


def test_energy_is_reset_and_counts_on(meter, clock):
    meter.reset_energy()
    assert double(meter, 801) == 0
    clock.now = 3600
    assert 100 < double(meter, 801) < 20_000


def test_a_counter_rolls_over(meter):
    offset = Plant().at(1e6)["active_energy_import"]
    meter.set("active_energy", 1e12 - 1)
    assert double(meter, 801) == 1e12 - 1
    meter.release("active_energy")
    assert double(meter, 801) == pytest.approx(offset % 1e12)


@pytest.mark.parametrize("value", [None, math.nan])
def test_not_available_is_all_ones(meter, value):
    meter.set("frequency", value)
    assert registers(meter, 39, 2) == [0xFFFF, 0xFFFF]
    meter.release("frequency")
    assert registers(meter, 39, 2) != [0xFFFF, 0xFFFF]


def test_raw_bits_and_unknown_names(meter):
    meter.set_raw("frequency", 0x7F800000)
    assert registers(meter, 39, 2) == [0x7F80, 0]
    with pytest.raises(KeyError):
        meter.set("nonsense", 1.0)


def test_maxima_remember(meter, clock):
    for second in range(0, 600, 5):
        clock.now = float(second)
        registers(meter, 25, 2)
    largest = meter.value("active_power_l1_max")
    assert largest is not None
    assert largest >= meter.value("active_power_l1")
    assert meter.value("active_power_l1_min") < largest


def test_status_bits(meter):
    meter.bits["voltage_overload"] = True
    answer = ask(meter, 2, 111, 17)
    assert answer[:2] == b"\x02\x03"
    assert [bit for bit in range(17) if answer[2 + bit // 8] >> bit % 8 & 1] == [126 - 111]
    assert refusal(ask(meter, 2, 100, 4)) == 2
    assert refusal(ask(meter, 2, 127, 2)) == 2


def test_it_says_what_it_is(meter):
    answer = DECODER.decode(meter.answer(b"\x2b\x0e\x01\x00"))
    assert answer.information[0] == b"SIEMENS"
    assert answer.information[1] == b"PAC3100"
    single = DECODER.decode(meter.answer(b"\x2b\x0e\x04\x01"))
    assert single.information == {1: b"PAC3100"}
    assert refusal(meter.answer(b"\x2b\x0e\x04\x07")) == 2
    assert refusal(meter.answer(b"\x2b\x0e\x09\x00")) == 3
    assert refusal(meter.answer(b"\x2b\x0d\x00\x00")) == 1


def model(kind: RegisterType, scale: float = 1.0, word_order: str = "big", **more: object) -> Model:
    group = Group("now", When.TICK, (Register("u", 10, kind, "voltage_l1_n", scale, "V", **more),))  # type: ignore[arg-type]
    return Model(
        "m", "m", "m", "modbus", (group,), (), True, word_order=word_order, identity=Identity(slave_id="thing")
    )


def test_slave_id():
    answer = DECODER.decode(SimulatedMeter(model(RegisterType.INT16)).answer(b"\x11"))
    assert answer.identifier == b"thing"


@settings(deadline=None)
@given(
    st.sampled_from([kind for kind in RegisterType if not kind.value.startswith("float")]),
    st.sampled_from(["big", "little"]),
    st.integers(-(2**63), 2**64 - 1),
)
def test_whole_numbers_are_coded_as_pymodbus_reads_them(kind, order, raw):
    """Beyond its range a meter shows the end of its range."""
    signed, bits = kind.value.startswith("int"), 16 * kind.count
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    wanted = min(max(raw, low), high)
    meter = SimulatedMeter(model(kind, word_order=order))
    meter.set_raw("u", wanted % (1 << bits))
    words = registers(meter, 10, kind.count)
    kinds = ModbusClientMixin.DATATYPE
    assert ModbusClientMixin.convert_from_registers(words, kinds[kind.name], word_order=order) == wanted
    if abs(raw) < 2**53:  # a float holds it
        meter.set("u", float(raw))
        assert registers(meter, 10, kind.count) == words


@settings(deadline=None)
@given(st.floats(allow_nan=False, width=32), st.sampled_from(["big", "little"]))
def test_floats_are_coded_as_pymodbus_reads_them(value, order):
    meter = SimulatedMeter(model(RegisterType.FLOAT32, word_order=order))
    meter.set("u", value)
    words = registers(meter, 10, 2)
    read = ModbusClientMixin.convert_from_registers(words, ModbusClientMixin.DATATYPE.FLOAT32, word_order=order)
    assert read == value


def test_scale_and_pattern():
    meter = SimulatedMeter(model(RegisterType.INT16, scale=0.1, missing=frozenset({0x8000})))
    meter.set("u", 230.5)
    assert registers(meter, 10, 1) == [2305]
    meter.set("u", None)
    assert registers(meter, 10, 1) == [0x8000]


def test_a_choice_without_meaning_shows_nothing_invented(clock):
    choice = Choice("mode", 0, 0xFF, {1: "active_energy_import"})
    group = Group(
        "now",
        When.TICK,
        (Register("e", 0, RegisterType.UINT32, choice=choice), Register("mode", 2, RegisterType.UINT16)),
    )
    meter = SimulatedMeter(Model("m", "m", "m", "modbus", (group,), (), True), clock=clock)
    assert registers(meter, 0, 2) == [0, 0]
    meter.set("mode", 1)
    assert registers(meter, 0, 2) != [0, 0]


def test_an_image_knows_its_borders():
    image = Image(catalogue.load("siemens-pac3100"), strict_holes=True)
    assert [r.name for r in image.registers(801, 8) if r] == ["active_energy", "reactive_energy"]
