"""Checks what only a whole model can get wrong: overlaps, doubles, names that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from collector.config.nearest import nearest
from collector.devices.map import Code, Encoding, Group, Model, Register, RegisterType, When
from collector.errors import Mistake
from collector.model.quantity import QUANTITIES

_UNSIGNED = (RegisterType.UINT16, RegisterType.UINT32, RegisterType.UINT64)
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
    yield from _of_blocks(placed, model)
    yield from _of_identity(model)
    yield from _doubles("code[{}].code", ((str(c), _meant(code)) for c, code in enumerate(model.codes)))
    if not placed and model.protocol == "modbus":
        yield Mistake("group", "there is none", "a model has at least one [[group]] of registers")
    if not model.codes and model.protocol != "modbus":
        yield Mistake("code", "there is none", "a model has at least one [[code]]")


def _meant(code: Code) -> str:
    """One value may be a quantity itself and a part of another: a tariff's counter, and of the total."""
    return f"{code.code}, part of {code.quantity}" if code.part else code.code


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
    if register.encoding is Encoding.MAGNITUDE and register.type not in _UNSIGNED:
        yield Mistake(f"{place}.encoding", "needs the bits as they are", 'type = "uint16" or a longer one without sign')
    if register.choice:
        yield from _of_setting(f"{place}.choice.setting", register.choice.setting, model)
    if register.scale_register:
        yield from _of_setting(f"{place}.scale_register", register.scale_register, model)
        yield from _of_pace(f"{place}.scale_register", register, model)


def _of_setting(place: str, setting: str, model: Model) -> Iterator[Mistake]:
    register = next((register for register in model.registers() if register.name == setting), None)
    if register is None:
        hint = nearest(setting, [register.name for register in model.registers()])
        yield Mistake(place, f'there is no register "{setting}"', hint)
    elif register.type in _FLOATS:
        yield Mistake(place, f'"{setting}" is no whole number but {register.type.value}')


def _of_pace(place: str, register: Register, model: Model) -> Iterator[Mistake]:
    """An exponent that is older than the value could belong to another one."""
    own = next(group for group in model.groups if register in group.registers)
    scale = next((g for g in model.groups if any(r.name == register.scale_register for r in g.registers)), own)
    if _pace(scale) > _pace(own):
        yield Mistake(place, f'"{register.scale_register}" is read less often', "put it into the same group")


def _pace(group: Group) -> float:
    return float("inf") if group.when is When.DEMAND else group.every


def _of_blocks(placed: Iterable[tuple[str, Register]], model: Model) -> Iterator[Mistake]:
    ordered = sorted(model.blocks, key=lambda block: block.address)
    for before, block in pairwise(ordered):
        if block.address < before.end:
            yield Mistake("modbus.blocks", f"the block at {block.address} begins within the one at {before.address}")
    for block in ordered:
        if block.count > model.max_registers:
            yield Mistake("modbus.blocks", f"the block at {block.address} does not fit into one request")
        for place, register in placed:
            inside = register.address < block.end and register.end > block.address
            if inside and not block.holds(register):
                yield Mistake(f"{place}.at", f"the register lies across the edge of the block at {block.address}")


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
