"""Reads a meter's status bits (FC 02): overload, restart, reset of the energy counters."""

from __future__ import annotations

from collector.devices.map import Model
from collector.errors import MeterRefused
from collector.sources.modbus.exceptions import ILLEGAL_ADDRESS, ILLEGAL_FUNCTION, ILLEGAL_VALUE
from collector.sources.modbus.queries import READ_DISCRETE_INPUTS, read_bits
from collector.sources.modbus.unit import Unit


class StatusBits:
    """The status bits of one meter; given up for this run where the meter has none."""

    def __init__(self, model: Model, number: int, unit: Unit) -> None:
        """`number`: the unit's number on the line."""
        self._bits = model.status_bits or {}
        self._number = number
        self._unit = unit

    def read(self, address: int, count: int) -> dict[str, float]:
        """Evidence name -> 0.0 or 1.0."""
        if not self._bits:
            return {}
        self._unit.clear()
        try:
            data = self._unit.ask(read_bits(self._number, READ_DISCRETE_INPUTS, address, count)).pdu[2:]
        except MeterRefused as error:
            if error.code in (ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE):
                self._bits = {}
            raise
        return {name: float(data[(at - address) // 8] >> (at - address) % 8 & 1) for name, at in self._bits.items()}
