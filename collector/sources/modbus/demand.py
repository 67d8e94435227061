"""Reads what a meter keeps for people (maxima, minima, settings, status): when asked, or when a setting changed."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from collector.devices.map import Group, Model, Register, When
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
    for run in runs(group.registers, model.max_registers):
        address, count = run[0].address, run[-1].end - run[0].address
        try:
            data = unit.registers(address, count).pdu[2:]
            values = Decoder(run, address, count, model.word_order).named(data)
        except (MeterRefused, BadAnswer) as error:
            log.debug("registers %d to %d: %s", address, address + count - 1, error)
            values = {}
        for register in run:
            yield Kept(group.name, register.name, values.get(register.name), register.unit)


def runs(registers: Sequence[Register], longest: int) -> Iterator[Sequence[Register]]:
    """Values that lie side by side, in order of address, at most `longest` registers together."""
    run: list[Register] = []
    for register in sorted(registers, key=lambda register: register.address):
        if run and (register.address != run[-1].end or register.end - run[0].address > longest):
            yield run
            run = []
        run.append(register)
    if run:
        yield run


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
        return {run[-1].end - run[0].address for run in runs(registers, self._model.max_registers)}

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
