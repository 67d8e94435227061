"""Checks what only a whole model can get wrong: overlaps, doubles, names that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from collector.config.nearest import nearest
from collector.devices.map import Model, Register, RegisterType, When
from collector.errors import Mistake
from collector.model.quantity import QUANTITIES

_FLOATS = (RegisterType.FLOAT32, RegisterType.FLOAT64)
#: What `scan` can judge by physics.
_PROBES = ("voltage_", "frequency")


def inconsistencies(model: Model) -> Iterator[Mistake]:
    """Every contradiction within one model, with the place in its file."""
    placed = [
        (f"group[{g}].registers[{r}]", register)
        for g, group in enumerate(model.groups)
        for r, register in enumerate(group.registers)
    ]
    yield from _doubles("group[{}].name", ((str(g), group.name) for g, group in enumerate(model.groups)))
    yield from _doubles("{}.name", ((place, register.name) for place, register in placed))
    yield from _overlaps(placed)
    yield from _read_twice(model)
    for place, register in placed:
        yield from _of_register(place, register, model)
    yield from _of_identity(model)
    yield from _doubles(
        "code[{}]", ((str(c), f"{code.code} for {code.quantity}") for c, code in enumerate(model.codes))
    )
    if not placed and model.protocol == "modbus":
        yield Mistake("group", "there is none", "a model has at least one [[group]] of registers")
    if not model.codes and model.protocol != "modbus":
        yield Mistake("code", "there is none", "a model has at least one [[code]]")


def _doubles(where: str, named: Iterable[tuple[str, str]]) -> Iterator[Mistake]:
    first: dict[str, str] = {}
    for place, name in named:
        if name in first:
            yield Mistake(where.format(place), f'"{name}" stands there twice, first at {where.format(first[name])}')
        first.setdefault(name, place)


def _overlaps(placed: Iterable[tuple[str, Register]]) -> Iterator[Mistake]:
    ordered = sorted(placed, key=lambda entry: entry[1].address)
    for (_, before), (place, register) in pairwise(ordered):
        if register.address < before.end:
            yield Mistake(
                f"{place}.at",
                f'{register.address} is taken: "{before.name}" reads {before.address} to {before.end - 1}',
            )


def _read_twice(model: Model) -> Iterator[Mistake]:
    """A quantity has one source: else two registers would fight for one column."""
    first: dict[str, str] = {}
    for g, group in enumerate(model.groups):
        for r, register in enumerate(group.registers if group.when is not When.DEMAND else ()):
            for quantity in register.quantities:
                if quantity in first:
                    yield Mistake(f"group[{g}].registers[{r}]", f'"{quantity}" is read already by "{first[quantity]}"')
                first.setdefault(quantity, register.name)


def _of_register(place: str, register: Register, model: Model) -> Iterator[Mistake]:
    if register.type.count > model.max_registers:
        yield Mistake(f"{place}.type", f"{register.type.value} does not fit into a request of {model.max_registers}")
    if register.rollover is not None and not any(QUANTITIES[name].counts for name in register.quantities):
        yield Mistake(f"{place}.rollover", "only a counter starts again at 0")
    if register.choice:
        yield from _of_choice(place, register.choice.setting, model)


def _of_choice(place: str, setting: str, model: Model) -> Iterator[Mistake]:
    register = next((register for register in model.registers() if register.name == setting), None)
    if register is None:
        hint = nearest(setting, [register.name for register in model.registers()])
        yield Mistake(f"{place}.choice.setting", f'there is no register "{setting}"', hint)
    elif register.type in _FLOATS:
        yield Mistake(f"{place}.choice.setting", f'"{setting}" is no whole number but {register.type.value}')


def _of_identity(model: Model) -> Iterator[Mistake]:
    probe = model.identity.probe
    if not probe:
        return
    register = next((register for register in model.registers() if register.name == probe), None)
    if register is None:
        hint = nearest(probe, [register.name for register in model.registers()])
        yield Mistake("identity.probe", f'there is no register "{probe}"', hint)
    elif not (register.quantity or "").startswith(_PROBES):
        yield Mistake("identity.probe", f'"{probe}" is neither a voltage nor a frequency', "only these can be judged")
