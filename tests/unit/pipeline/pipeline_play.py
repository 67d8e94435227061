"""What the tests of the pipeline play with: readings by number, clocks that a test moves."""

from __future__ import annotations

from dataclasses import replace

from collector.config.settings import MeterSettings
from collector.devices.map import Group, Model, Register, RegisterType, When
from collector.model.quantity import QUANTITIES
from collector.model.reading import Reading
from collector.pipeline.spool import Spool

START = 1_790_000_000_000


class FakeTicker:
    """Clocks that a test moves."""

    def __init__(self, boot_ns: int = 50_000_000_000) -> None:
        self.now_ns = boot_ns

    def monotonic(self) -> float:
        return self.now_ns / 1e9

    def boot_ns(self) -> int:
        return self.now_ns

    def sleep(self, seconds: float) -> None:
        self.now_ns += int(seconds * 1e9)


def reading(index: int, meter: str = "turbine", boot: str | None = None, values: int = 3) -> Reading:
    names = [f"voltage_l{phase}_n" for phase in range(1, values + 1)]
    return Reading(meter, START + index, {name: 230.0 + index + i for i, name in enumerate(names)}, boot=boot)


def drain(spool: Spool) -> list[Reading]:
    found = []
    for batch in spool.batches():
        found += batch.readings
        spool.done(batch)
    return found


def model_of(*quantities: str, rollover: float | None = None, scale: float = 1.0) -> Model:
    """A model with these quantities, as doubles."""
    registers = tuple(
        Register(
            name=name,
            address=4 * i,
            type=RegisterType.FLOAT64,
            quantity=name,
            scale=scale,
            rollover=rollover if QUANTITIES[name].counts else None,
        )
        for i, name in enumerate(quantities)
    )
    return Model("toy", "Toy", "Toy", "modbus", (Group("all", When.TICK, registers),), (), True)


def toy_meter(**settings: float | bool) -> MeterSettings:
    return replace(MeterSettings("turbine", "toy", "rs485"), **settings)  # type: ignore[arg-type]
