"""A meter that keeps exponents in registers of their own (PM710) is believed only with the right one."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pytest
from modbus_meters import everything, source
from modbus_peer import Memory, Peer

from collector.config.settings import LineSettings
from collector.devices import catalogue

BAUD = 115200
MODEL = catalogue.load("schneider-pm710-integer")
EXPONENTS = ("exponent_current", "exponent_voltage", "exponent_power", "exponent_energy")


def words(*values: int) -> bytes:
    return struct.pack(f">{len(values)}h", *values)


def content(volts: int = 2305, exponent: int = -1) -> Memory:
    return Memory({
        3999: struct.pack(">I", 1223629), 4003: struct.pack(">I", 5), 4005: words(96, 97, -12),
        4008: struct.pack(">H", 9900 + 0x8000), 4012: words(5001), 4019: words(42, 0, -32768, 1),
        4032: words(volts, volts + 1, volts + 2), 4035: words(96, 0, 0), 4044: words(31, 10001, 33),
        4048: words(1, 2, 3), 4104: words(-1, exponent, -2, 2),
    })  # fmt: skip


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer({1: content()}, baud=BAUD) as peer:
        yield peer


def test_values_count_in_the_power_of_ten_of_their_register(peer: Peer) -> None:
    meter = source(MODEL, LineSettings("rs485", port=peer.port, baud=BAUD), unit=1)
    sample = meter.read(everything(meter))
    assert not sample.failed
    assert sample.values["voltage_l1_n"] == 230.5
    assert sample.values["active_energy_sum"] == 122_362_900_000.0, "1223629 * 10^2 kWh"
    assert (sample.values["active_power_total"], sample.values["reactive_power_total"]) == (960.0, -120.0)
    assert sample.values["power_factor_total"] == 0.99, "lagging is no direction"
    assert (sample.values["current_l2"], sample.values["current_l3"]) == (0.0, None)
    assert sample.values["current_thd_l2"] is None, "over the range"


def test_an_exponent_that_moved_costs_one_reading_of_what_it_scales(peer: Peer) -> None:
    meter = source(MODEL, LineSettings("rs485", port=peer.port, baud=BAUD), unit=1)
    meter.read(everything(meter))
    peer.units[1] = content(volts=23, exponent=1)
    doubted = meter.read(everything(meter)).values
    assert doubted["voltage_l1_n"] is None, "made with the old exponent or with the new one?"
    assert doubted["current_l1"] == 4.2
    assert meter.read(everything(meter)).values["voltage_l1_n"] == 230.0


@pytest.mark.parametrize("exponent", [5, -5, -32768])
def test_an_impossible_exponent_gives_no_value(peer: Peer, exponent: int) -> None:
    peer.units[1] = content(exponent=exponent)
    meter = source(MODEL, LineSettings("rs485", port=peer.port, baud=BAUD), unit=1)
    values = meter.read(everything(meter)).values
    assert values["voltage_l1_n"] is None
    assert values["frequency"] == 50.01


def test_exponents_that_are_refused_take_their_values_along(peer: Peer) -> None:
    memory = content()
    for address in range(4104, 4108):
        del memory.words[address]
    peer.units[1] = memory
    meter = source(MODEL, LineSettings("rs485", port=peer.port, baud=BAUD), unit=1)
    sample = meter.read(everything(meter))
    assert sample.values["voltage_l1_n"] is None
    assert "voltage_l1_n" in sample.failed
    assert sample.values["frequency"] == 50.01
    assert "frequency" not in sample.failed
