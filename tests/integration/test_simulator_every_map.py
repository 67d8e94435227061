"""Every model file, read register by register from a simulated meter built from it, by a client that is not ours."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pymodbus.client import ModbusTcpClient
from pymodbus.pdu import ModbusPDU

from collector.devices import catalogue
from collector.devices.map import Model, Register, RegisterType
from collector.sources.simulator import SimulatedMeter, serve_tcp

UNIT = 7
KINDS = ModbusTcpClient.DATATYPE
FLOATS = (RegisterType.FLOAT32, RegisterType.FLOAT64)


@pytest.fixture(params=[name for name in catalogue.names() if catalogue.load(name).protocol == "modbus"])
def meter(request: pytest.FixtureRequest) -> SimulatedMeter:
    return SimulatedMeter(catalogue.load(request.param), clock=lambda: 1000.0)


@pytest.fixture
def model(meter: SimulatedMeter) -> Model:
    """The model as it is served, without what never changes (the headers of a SunSpec chain)."""
    groups = (
        replace(group, registers=tuple(one for one in group.registers if meter.value(one.name) is not None))
        for group in meter.model.groups
    )
    return replace(meter.model, groups=tuple(groups))


@pytest.fixture
def client(meter: SimulatedMeter) -> Iterator[ModbusTcpClient]:
    with serve_tcp({UNIT: meter}, "127.0.0.1", 0, "tcp") as served:
        client = ModbusTcpClient("127.0.0.1", port=served.port, timeout=10, retries=0)
        assert client.connect()
        yield client
        client.close()


def asked(client: ModbusTcpClient, address: int, count: int, function: int) -> ModbusPDU:
    ask = {3: client.read_holding_registers, 4: client.read_input_registers}[function]
    return ask(address, count=count, device_id=UNIT)


def words(client: ModbusTcpClient, address: int, count: int, function: int) -> list[int]:
    answer = asked(client, address, count, function)
    assert not answer.isError(), f"{address}: {answer}"
    return answer.registers


def value(client: ModbusTcpClient, model: Model, register: Register, function: int) -> float:
    """The register as pymodbus understands it, with what the model says of its scale and its coding."""
    piece = model.block(register)
    begin = register.address - piece.address
    found = client.convert_from_registers(
        words(client, piece.address, piece.count, function)[begin : begin + register.type.count],
        KINDS[register.type.value.upper()],
        word_order="big" if (register.word_order or model.word_order) == "big" else "little",
    )
    assert isinstance(found, (int, float))
    return found * step(client, model, register, function)


def step(client: ModbusTcpClient, model: Model, register: Register, function: int) -> float:
    """What one is worth."""
    if register.scale_register is None:
        return register.scale
    return register.scale * 10 ** value(client, model, model.register(register.scale_register), function)


def close(register: Register, seen: float, expected: float, worth: float) -> bool:
    """Within the rounding of the register's type."""
    precision = {RegisterType.FLOAT32: 1e-6, RegisterType.FLOAT64: 1e-14}.get(register.type, 1e-12)
    return math.isclose(seen, expected, rel_tol=precision, abs_tol=0.0 if register.type in FLOATS else worth / 2)


def test_every_register_says_what_the_meter_measures(model: Model, meter: SimulatedMeter, client: ModbusTcpClient):
    for register in model.registers():
        for function in model.functions:
            seen, expected = value(client, model, register, function), meter.value(register.name)
            assert expected is not None
            worth = step(client, model, register, function)
            assert close(register, seen, expected, worth), f"{register.name}: {seen} is not {expected}"


def fitting(register: Register, number: float) -> float:
    """The number, or a part of what the register's type can show if that is less."""
    if register.type in FLOATS:
        return number
    bits = 16 * register.type.count - register.type.value.startswith("int")
    return min(number, register.scale * (1 << bits) / 50)


def test_every_register_says_what_it_was_set_to(model: Model, meter: SimulatedMeter, client: ModbusTcpClient):
    scaled = (one for one in model.registers() if one.name not in model.exponents())
    wanted = {
        one.name: fitting(one, 0.5 if (one.quantity or "").startswith("power_factor") else 100.0 + n)
        for n, one in enumerate(scaled)
    }
    for name, number in wanted.items():
        meter.set(name, number)
    for name, number in wanted.items():
        register = model.register(name)
        seen = value(client, model, register, model.functions[0])
        assert close(register, seen, number, step(client, model, register, model.functions[0])), name


def test_what_is_not_available_is_never_a_number(model: Model, meter: SimulatedMeter, client: ModbusTcpClient):
    for register in model.registers():
        meter.set(register.name, None)
        piece = model.block(register)
        begin = register.address - piece.address
        if register.type in FLOATS:
            assert math.isnan(value(client, model, register, model.functions[0])), register.name
        else:
            seen = words(client, piece.address, piece.count, model.functions[0])[begin : begin + register.type.count]
            assert set(seen) == {0xFFFF} or register.missing, register.name


def test_no_value_can_be_cut_in_two(model: Model, client: ModbusTcpClient):
    for register in model.registers():
        if register.type.count > 1 and model.block(register) not in model.blocks:
            for address in (register.address, register.address + 1):
                answer = asked(client, address, register.type.count - 1, model.functions[0])
                assert answer.isError(), register.name
                assert answer.exception_code == 2


def test_a_whole_group_of_neighbours_is_one_request(model: Model, client: ModbusTcpClient):
    free = (register for register in model.registers() if model.block(register) not in model.blocks)
    runs: list[list[Register]] = []
    for register in sorted(free, key=lambda register: register.address):
        last = runs[-1] if runs else []
        if last and last[-1].end == register.address and register.end - last[0].address <= model.max_registers:
            last.append(register)
        else:
            runs.append([register])
    longest = max(runs, key=len)
    count = longest[-1].end - longest[0].address
    assert len(words(client, longest[0].address, count, model.functions[0])) == count
