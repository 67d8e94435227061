"""Every model file: a meter made from it is read register by register by pymodbus' own client, which knows no map."""

from __future__ import annotations

import math

import pytest
from pymodbus import FramerType
from pymodbus.client import ModbusTcpClient

from collector.devices import catalogue
from collector.devices.map import Model, Register
from collector.sources.simulator import SimulatedMeter, serve_tcp


def read(client: ModbusTcpClient, model: Model, register: Register, unit: int, function: int) -> float:
    ask = client.read_holding_registers if function == 3 else client.read_input_registers
    answer = ask(register.address, count=register.type.count, device_id=unit)
    assert not answer.isError(), (register.name, answer)
    kind = client.DATATYPE[register.type.name]
    value = client.convert_from_registers(answer.registers, kind, word_order=model.word_order)
    assert isinstance(value, int | float)
    return value * register.scale


def expected(meter: SimulatedMeter, register: Register) -> float:
    value = meter.value(register.name)
    assert value is not None
    return value


@pytest.mark.parametrize("framing", ["tcp", "rtu"])
@pytest.mark.parametrize("name", catalogue.names())
def test_every_register_is_read_as_it_was_meant(name, framing):
    model = catalogue.load(name)
    meter = SimulatedMeter(model, clock=lambda: 100.0, since=5e6)
    framer = FramerType.SOCKET if framing == "tcp" else FramerType.RTU
    with serve_tcp({7: meter}, "127.0.0.1", 0, framing) as served:
        client = ModbusTcpClient("127.0.0.1", port=served.port, framer=framer, timeout=10, retries=0)
        assert client.connect()
        try:
            for register in model.registers():
                for function in model.functions:
                    seen = read(client, model, register, 7, function)
                    step = 0.0 if register.type.value.startswith("float") else register.scale / 2
                    assert math.isclose(seen, expected(meter, register), rel_tol=1e-6, abs_tol=step + 1e-9), register
        finally:
            client.close()


@pytest.mark.parametrize("name", catalogue.names())
def test_every_register_can_be_missing(name):
    """What a meter without a value sends is NaN, or a pattern of the map."""
    model = catalogue.load(name)
    meter = SimulatedMeter(model)
    with serve_tcp({7: meter}, "127.0.0.1", 0) as served:
        client = ModbusTcpClient("127.0.0.1", port=served.port, timeout=10, retries=0)
        assert client.connect()
        for register in model.registers():
            meter.set(register.name, None)
            words = client.read_holding_registers(register.address, count=register.type.count, device_id=7).registers
            if register.type.value.startswith("float"):
                kind = client.DATATYPE[register.type.name]
                assert math.isnan(client.convert_from_registers(words, kind, word_order=model.word_order))
        client.close()
