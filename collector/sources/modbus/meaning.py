"""Finds out what registers mean that depend on a setting of the meter (PAC3100: 50025 says what 801 counts)."""

from __future__ import annotations

from collections.abc import Mapping

from collector.devices.map import Model, Register
from collector.errors import BadAnswer, MeterRefused
from collector.sources.modbus.decode import raw_setting
from collector.sources.modbus.unit import Unit


class Meaning:
    """The settings of one meter that decide what its registers mean; until they are known the values are missing."""

    def __init__(self, model: Model, unit: Unit) -> None:
        self._unit = unit
        self._word_order = model.word_order
        names = dict.fromkeys(register.choice.setting for register in model.registers() if register.choice)
        self._registers = [model.register(name) for name in names]
        self._evidence: dict[str, float | str] = {}
        self.settings: dict[str, int] = {}

    @property
    def lengths(self) -> set[int]:
        """The lengths of the questions for settings."""
        return {register.type.count for register in self._registers}

    def forget(self) -> None:
        """The meter was gone: what comes back may be set otherwise, or be another meter."""
        self.settings.clear()

    def look_at(self, evidence: Mapping[str, float | str]) -> None:
        """A change counter moved: somebody may have changed the settings."""
        if any(self._evidence.get(name, value) != value for name, value in evidence.items()):
            self.forget()
        self._evidence.update(evidence)

    def learn(self) -> None:
        """Asks for what is not known yet; a refusal leaves it unknown. Raises NoAnswer or LineError."""
        for register in self._registers:
            if register.name not in self.settings:
                self._ask(register)

    def _ask(self, register: Register) -> None:
        try:
            data = self._unit.registers(register.address, register.type.count).pdu[2:]
        except (MeterRefused, BadAnswer):
            return
        self.settings[register.name] = raw_setting(data, self._word_order)

    def possible(self, register: Register) -> tuple[str, ...]:
        """The quantities that this register stands for, as far as is known."""
        choice = register.choice
        if choice is None or choice.setting not in self.settings:
            return register.quantities
        chosen = choice.quantities.get((self.settings[choice.setting] >> choice.shift) & choice.mask)
        return (chosen,) if chosen else ()
