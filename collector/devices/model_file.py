"""Turns the TOML of a model file into a Model; what cannot be understood is noted and left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from collector.config.nearest import nearest
from collector.config.protocols import PROTOCOLS, Protocol
from collector.devices.map import Block, Choice, Code, Encoding, Group, Identity, Model, Register, RegisterType, When
from collector.devices.obis import PART, QUANTITY
from collector.devices.table import REQUIRED, Table
from collector.errors import Mistake
from collector.model.quantity import QUANTITIES

_ORDERS = ["big", "little"]
_TYPES = [kind.value for kind in RegisterType]
_FRAME = re.compile(r"[78][NEO][12]")
_FACTORY_FRAME = "8N1"


def parse(data: Mapping[str, Any], mistakes: list[Mistake]) -> Model:
    """The model as far as it can be understood; use it only if `mistakes` stays empty."""
    file = Table("", data, mistakes)
    model = file.table("model")
    protocol = model.choice("protocol", list(PROTOCOLS))
    made = Model(
        name=model.text("name"),
        maker=model.text("maker"),
        title=model.text("title"),
        protocol=protocol,
        sources=model.texts("sources"),
        verified=model.truth("verified", False),
        note=model.text("note", ""),
        identity=_identity(file.table("identity")),
        **(_modbus(file) if protocol == "modbus" else _coded(file, PROTOCOLS[protocol])),
    )
    for table in (model, file):
        table.end()
    return made


def _coded(file: Table, protocol: Protocol) -> dict[str, Any]:
    """A model that names its values: [defaults], [options] and [[code]]."""
    defaults, options = file.table("defaults"), file.table("options")
    found: dict[str, Any] = {
        "groups": (),
        "baud": defaults.whole("baud", 300, 1_000_000, protocol.baud),
        "frame": _frame(defaults, protocol.frame),
        "every": defaults.number("every", protocol.every),
        "least_every": defaults.number("least_every", protocol.least_every),
        "options": options.scalars(),
        "codes": tuple(_code(table) for table in file.tables("code")),
    }
    defaults.end()
    return found


def _code(table: Table) -> Code:
    code = table.text("code")
    part = PART.get(code)
    named = table.text("quantity", QUANTITY.get(code) or (part[0] if part else REQUIRED))
    scale = table.number("scale", 1.0)
    made = Code(
        code=code,
        quantity=_quantity(table, named) or "frequency",
        sign=-1.0 if table.truth("subtracted", bool(part and part[1] < 0)) else 1.0,
        scale=scale,
        rollover=table.number("rollover", 1.0) if "rollover" in table else None,
        step=table.number("step", scale),
        note=table.text("note", ""),
        verified=table.truth("verified", True),
        part=table.truth("part", False),
    )
    table.end()
    return made


def _frame(table: Table, fallback: str) -> str:
    frame = table.text("frame", fallback)
    if not _FRAME.fullmatch(frame):
        table.wrong("frame", f'"{frame}" is no frame', 'data bits, parity N, E or O, stop bits: "8N1"')
    return frame


def _modbus(file: Table) -> dict[str, Any]:
    table = file.table("modbus")
    found = {
        "groups": tuple(_group(group) for group in file.tables("group")),
        "unit": table.whole("unit", 1, 247, 1),
        "baud": table.whole("baud", 300, 1_000_000, 9600),
        "frame": _frame(table, _FACTORY_FRAME),
        "functions": table.wholes("functions", 3, 4) or (3,),
        "word_order": table.choice("word_order", _ORDERS, "big"),
        "max_registers": table.whole("max_registers", 1, 125, 125),
        "fill_gaps": table.truth("fill_gaps", True),
        "turnaround": table.whole("turnaround_ms", 0, 1000, 5) / 1000,
        "blocks": tuple(_block(block) for block in table.tables("blocks")),
        "sunspec": _sunspec(file.table("sunspec")),
        "status_bits": _status_bits(table.table("status_bits")),
    }
    table.end()
    return found


def _block(table: Table) -> Block:
    made = Block(table.whole("at", 0, 65535), table.whole("count", 1, 125))
    table.end()
    return made


def _sunspec(table: Table) -> tuple[int, ...]:
    models = table.wholes("models", 1, 65534)
    table.end()
    return models


def _status_bits(table: Table) -> dict[str, int] | None:
    return {name: table.whole(name, 0, 65535) for name in table} or None


def _identity(table: Table) -> Identity:
    made = Identity(*(table.text(name, "") for name in ("vendor", "product", "slave_id", "probe")))
    for name in ("vendor", "product", "slave_id"):
        text = getattr(made, name)
        if text != text.lower():
            table.wrong(name, f'"{text}" has capital letters', f'write "{text.lower()}": it is compared in lower case')
    table.end()
    return made


def _group(table: Table) -> Group:
    when = When(table.choice("when", [when.value for when in When], When.TICK.value))
    every = table.number("every", 0.0)
    if (when is When.PERIOD) != bool(every):
        table.wrong("every", 'belongs to when = "period", and only there', "every = 60.0 is once a minute")
    defaults = Table(
        table.key,
        {
            "type": table.choice("type", _TYPES, "float32"),
            "unit": table.text("unit", ""),
            "word_order": table.choice("word_order", ["", *_ORDERS], ""),
        },
        table.mistakes,
    )
    registers = tuple(_register(entry, defaults) for entry in table.tables("registers"))
    if not registers:
        table.wrong("registers", "is empty", "a group reads at least one register")
    made = Group(table.text("name"), when, registers, every)
    table.end()
    return made


def _register(table: Table, group: Table) -> Register:
    quantity = _quantity(table, table.text("quantity")) if "quantity" in table else None
    choice = _choice(table.table("choice")) if "choice" in table else None
    kind = RegisterType(table.choice("type", _TYPES, group.text("type")))
    made = Register(
        name=table.text("name", quantity) if quantity else table.text("name"),
        address=table.whole("at", 0, 65536 - kind.count),
        type=kind,
        quantity=quantity,
        scale=table.number("scale", 1.0),
        unit=_unit(table, quantity, choice, group.text("unit")),
        missing=frozenset(table.wholes("missing", 0, (1 << 16 * kind.count) - 1)),
        rollover=table.number("rollover", 1.0) if "rollover" in table else None,
        choice=choice,
        evidence=table.text("evidence") if "evidence" in table else None,
        note=table.text("note", ""),
        verified=table.truth("verified", True),
        scale_register=table.text("scale_register") if "scale_register" in table else None,
        encoding=Encoding(table.choice("encoding", [kind.value for kind in Encoding], Encoding.PLAIN.value)),
        valid=table.span("valid"),
        word_order=table.choice("word_order", ["", *_ORDERS], group.text("word_order")),
    )
    if quantity and choice:
        table.wrong("choice", f'the register is "{quantity}" already', "give either quantity or choice")
    table.end()
    return made


def _quantity(table: Table, name: str) -> str | None:
    if name in QUANTITIES:
        return name
    table.wrong("quantity", f'"{name}" is no quantity', nearest(name, QUANTITIES))
    return None


def _unit(table: Table, quantity: str | None, choice: Choice | None, fallback: str) -> str:
    """A quantity brings its unit along; everything else may say one."""
    known = quantity or next(iter(choice.quantities.values() if choice else ()), None)
    if known is None:
        return table.text("unit", fallback)
    unit = QUANTITIES[known].unit
    if table.text("unit", unit) != unit:
        table.wrong(
            "unit", f'a quantity has its own unit, here "{unit}"', "leave it out; scale turns the raw value into it"
        )
    return unit


def _choice(table: Table) -> Choice:
    meanings = table.table("quantities")
    quantities = {}
    for key in meanings:
        name = _quantity(meanings, meanings.text(key))
        if not key.isdecimal():
            meanings.wrong(key, "is no setting", 'the setting\'s number: 0 = "active_energy_import"')
        elif name:
            quantities[int(key)] = name
    made = Choice(
        table.text("setting"), table.whole("shift", 0, 31, 0), table.whole("mask", 1, 0xFFFFFFFF, 0xFFFF), quantities
    )
    if len({QUANTITIES[name].unit for name in quantities.values()}) != 1:
        table.wrong("quantities", "must name quantities of one unit")
    table.end()
    return made
