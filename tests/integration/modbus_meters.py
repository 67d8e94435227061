"""Models and sources for tests on lines and gateways."""

from __future__ import annotations

from modbus_peer import Memory, floats

from collector.config.settings import LineSettings, MeterSettings
from collector.devices.map import Choice, Group, Identity, Model, Register, RegisterType, When
from collector.sources.factory import make_source, open_wire
from collector.sources.learned import Learned
from collector.sources.modbus.source import ModbusSource
from collector.sources.ticker import SystemTicker

F32, F64, U32 = RegisterType.FLOAT32, RegisterType.FLOAT64, RegisterType.UINT32

VOLTAGES = ("voltage_l1_n", "voltage_l2_n", "voltage_l3_n")
COUNTING = Choice("counting", 0, 0xFFFF, {0: "active_energy_import", 1: "active_energy_export", 2: "active_energy_net"})


def two_blocks(functions: tuple[int, ...] = (3, 4), **more: object) -> Model:
    """Six registers from 1 and, behind a hole that is not filled, two at 39."""
    now = tuple(Register(f"r{1 + 2 * k}", 1 + 2 * k, F32, name) for k, name in enumerate(VOLTAGES))
    maxima = tuple(Register(f"max{a}", a, F32) for a in range(55, 71, 2))
    groups = (
        Group("now", When.TICK, (*now, Register("r39", 39, F32, "frequency"))),
        Group("maxima", When.DEMAND, maxima),
    )
    probe = Identity(vendor="siemens", product="pac3100", probe="r1")
    more |= {"functions": functions, "fill_gaps": False, "identity": probe}
    return Model("m", "maker", "title", "modbus", groups, (), True, **more)  # type: ignore[arg-type]


def with_counter(**more: object) -> Model:
    """A voltage, a change counter, an energy whose meaning is a setting, and that setting."""
    groups = (
        Group("now", When.TICK, (Register("u", 1, F32, "voltage_l1_n"), Register("moved", 3, U32, evidence="changes"))),
        Group("energy", When.TICK, (Register("e", 801, F64, choice=COUNTING),)),
        Group("settings", When.DEMAND, (Register("counting", 50025, U32),)),
    )
    return Model("m", "maker", "title", "modbus", groups, (), True, functions=(3, 4), fill_gaps=False, **more)  # type: ignore[arg-type]


def memory() -> Memory:
    return Memory({1: floats(230.0, 231.0, 232.0), 39: floats(60.0), 55: floats(*range(8))})


def source(model: Model, line: LineSettings, unit: int = 126, learned: Learned | None = None) -> ModbusSource:
    meter = MeterSettings("turbine", model.name, line.name, unit)
    ticker = SystemTicker()
    return make_source(meter, model, open_wire(line, ticker), ticker, learned or Learned())


def hang_up(one: ModbusSource) -> None:
    """Lets go of the port, as the end of the program does."""
    one._unit._wire.close()


def everything(one: ModbusSource) -> frozenset[str]:
    return frozenset(one.periods)
