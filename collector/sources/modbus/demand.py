"""Reads what a meter keeps for people (maxima, minima, settings, status): when asked, or when a setting changed."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from collector.devices.map import Block, Group, Model, Register, When
from collector.errors import BadAnswer, DeviceError, MeterRefused
from collector.sources.modbus.decode import Decoder
from collector.sources.modbus.unit import Unit

log = logging.getLogger(__name__)

#: The group whose values a person sets at the meter.
SETTINGS = "settings"
#: Evidence that moves when somebody has set something.
CHANGE_COUNTERS = frozenset(("parameter_changes", "relevant_parameter_changes"))
#: How a setting is called among the evidence.
PREFIX = "setting "


@dataclass(frozen=True, slots=True)
class Kept:
    """One value that the meter keeps; None where it says "not available" or refuses."""

    group: str
    name: str
    value: float | None
    unit: str


def kept(model: Model, unit: Unit) -> Iterator[Kept]:
    """Everything that is only read on demand, in map order. Raises NoAnswer or LineError."""
    for group in model.groups:
        if group.when is When.DEMAND:
            yield from _group(model, unit, group)


def _group(model: Model, unit: Unit, group: Group) -> Iterator[Kept]:
    exponents: dict[str, int] = {}
    for name in dict.fromkeys(register.scale_register for register in group.registers):
        if name is not None:
            exponents.update(_exponent(model, unit, model.register(name)))
    for run in runs(group.registers, model):
        decoder, data = _answer(model, unit, run)
        values = decoder.named(data, exponents) if data else {}
        for register in run.registers:
            yield Kept(group.name, register.name, values.get(register.name), register.unit)


def _exponent(model: Model, unit: Unit, register: Register) -> dict[str, int]:
    decoder, data = _answer(model, unit, next(runs([register], model)))
    return {name: value for name, value in decoder.exponents(data).items() if value is not None} if data else {}


def _answer(model: Model, unit: Unit, run: Run) -> tuple[Decoder, bytes]:
    """No bytes where the meter refuses."""
    decoder = Decoder(run.registers, run.address, run.count, model.word_order, model.exponents())
    try:
        return decoder, unit.registers(run.address, run.count).pdu[2:]
    except (MeterRefused, BadAnswer) as error:
        log.debug("registers %d to %d: %s", run.address, run.address + run.count - 1, error)
        return decoder, b""


@dataclass(frozen=True, slots=True)
class Run:
    """Registers that one request reads."""

    address: int
    count: int
    registers: tuple[Register, ...]


def runs(registers: Sequence[Register], model: Model) -> Iterator[Run]:
    """The requests for some registers: values that lie side by side, and blocks that are only given whole."""
    run: Run | None = None
    for register in sorted(registers, key=lambda register: register.address):
        piece = model.block(register)
        joined = _joined(run, register, piece, model) if run else None
        if run and joined is None:
            yield run
        run = joined or Run(piece.address, piece.count, (register,))
    if run:
        yield run


def _joined(run: Run, register: Register, piece: Block, model: Model) -> Run | None:
    if (piece.address, piece.count) == (run.address, run.count):
        return replace(run, registers=(*run.registers, register))
    count = piece.end - run.address
    whole = {piece, Block(run.address, run.count)} & set(model.blocks)
    if whole or piece.address != run.address + run.count or count > model.max_registers:
        return None
    return Run(run.address, count, (*run.registers, register))


class SettingsWatch:
    """Reads the settings once at first contact and again each time a change counter moved."""

    def __init__(self, model: Model, unit: Unit) -> None:
        self._model = model
        self._unit = unit
        self._group = next((group for group in model.groups if group.name == SETTINGS), None)
        self._seen: Mapping[str, float | str] = {}

    @property
    def lengths(self) -> set[int]:
        """The lengths of its questions, which no fence may have."""
        registers = self._group.registers if self._group else ()
        return {run.count for run in runs(registers, self._model)}

    def look(self, evidence: Mapping[str, float | str]) -> dict[str, float | str]:
        """The settings as evidence if they may have changed; a failure is tried again at the next change counters."""
        counters = {name: value for name, value in evidence.items() if name in CHANGE_COUNTERS}
        if self._group is None or not counters or counters == self._seen:
            return {}
        try:
            found = list(_group(self._model, self._unit, self._group))
        except DeviceError as error:
            log.debug("settings: %s", error)
            return {}
        self._seen = counters
        return {PREFIX + one.name: one.value for one in found if one.value is not None}
