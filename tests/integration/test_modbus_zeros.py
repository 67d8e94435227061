"""Zeros out of nowhere are not believed at once: a gateway may have lost its meter between two blocks."""

from __future__ import annotations

import pytest
from modbus_meters import F32, everything, source
from modbus_peer import Memory, Peer, floats

from collector.config.settings import LineSettings
from collector.devices.map import Group, Model, Register, When

POWERS = ("active_power_l1", "active_power_l2")
MODEL = Model(
    "m", "maker", "title", "modbus",
    (Group("now", When.TICK, (
        Register("u", 1, F32, "voltage_l1_n"),
        *(Register(name, 101 + 2 * k, F32, name) for k, name in enumerate(POWERS)),
        Register("changes", 201, F32, evidence="changes"),
    )),),
    (), True, functions=(3, 4), fill_gaps=False,
)  # fmt: skip
NONE = dict.fromkeys(POWERS)


@pytest.mark.parametrize("nothing", [floats(0.0, 0.0), floats(-0.0, -0.0), b"\x80\x00" * 4])
def test_a_block_that_is_suddenly_zero_is_believed_the_second_time(nothing: bytes) -> None:
    memory = Memory({1: floats(230.0), 101: floats(5.0, 6.0), 201: bytes(4)})
    with Peer({126: memory}, baud=38400) as peer:
        meter = source(MODEL, LineSettings("x", port=peer.port, baud=38400))

        def powers() -> dict[str, float | None]:
            values = meter.read(everything(meter)).values
            return {name: values[name] for name in POWERS}

        assert powers() == {"active_power_l1": 5.0, "active_power_l2": 6.0}
        memory.put(101, nothing)
        assert powers() == NONE
        assert meter.statistics.errors["bad_answer_all_zero"] == 1
        if nothing == floats(0.0, 0.0):
            assert powers() == {"active_power_l1": 0.0, "active_power_l2": 0.0}
            assert powers() == {"active_power_l1": 0.0, "active_power_l2": 0.0}
        memory.put(101, floats(5.0, 6.0))
        assert powers() == {"active_power_l1": 5.0, "active_power_l2": 6.0}
        assert meter.statistics.errors["bad_answer_all_zero"] == 1


@pytest.mark.slow
def test_a_gateway_that_loses_its_meter_between_two_blocks_stores_no_zero() -> None:
    memory = Memory({1: floats(230.0), 101: floats(5.0, 6.0), 201: bytes(4)})
    with Peer({126: memory}, baud=38400) as peer:
        meter = source(MODEL, LineSettings("x", port=peer.port, baud=38400))
        meter.read(everything(meter))
        memory.put(101, bytes(8))
        assert meter.read(everything(meter)).values == {"voltage_l1_n": 230.0, **NONE}
        memory.put(1, bytes(4))
        for _ in range(3):
            assert not any(meter.read(everything(meter)).values.values())
            assert set(meter.read(everything(meter)).values.values()) == {None}
        memory.put(1, floats(231.0))
        assert meter.read(everything(meter)).values == {"voltage_l1_n": 231.0, **NONE}
        memory.put(101, floats(7.0, 8.0))
        values = meter.read(everything(meter)).values
        assert values == {"voltage_l1_n": 231.0, "active_power_l1": 7.0, "active_power_l2": 8.0}
