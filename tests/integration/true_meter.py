"""A meter whose every value tells which register it is and when it was measured, so that no mix-up goes unseen."""

from __future__ import annotations

import struct
import time

from modbus_peer import Memory

from collector.devices import catalogue
from collector.devices.map import Model, Register, RegisterType

#: One step of the ramp, s.
STEP = 0.05
#: What one step adds, and what tells two registers apart, both relative to the base.
RISE, APART = 3e-7, 1e-3
_BASES = {"V": 230.0, "A": 10.0, "W": 5000.0, "VA": 5000.0, "var": 5000.0, "Hz": 50.0, "": 0.9, "Wh": 1e5, "varh": 1e5}
#: The setting 50025 of a PAC3100: both energies count export. Zeros would mean import.
COUNTING = 0x0001_0001


class TrueMemory(Memory):
    """The registers of a PAC3100 as they are at the moment of the request."""

    def __init__(self, model: Model | None = None) -> None:
        super().__init__({}, dict.fromkeys(range(112), False) | {125: False, 126: False, 127: False})
        self.model = model or catalogue.load("siemens-pac3100")
        self.started = time.time()
        #: Wh and varh at the start.
        self.energy = _BASES["Wh"]
        self.numbers = {register.name: number for number, register in enumerate(self.model.registers())}

    def base(self, register: Register) -> float:
        base = self.energy if register.unit in ("Wh", "varh") else _BASES[register.unit]
        return base * (1 + APART * self.numbers[register.name])

    def answer(self, request: bytes) -> bytes:
        step = (time.time() - self.started) // STEP
        for register in self.model.registers():
            self.put(register.address, self._raw(register, step))
        return super().answer(request)

    def _raw(self, register: Register, step: float) -> bytes:
        if register.type not in (RegisterType.FLOAT32, RegisterType.FLOAT64):
            value = COUNTING if register.name == "energy_counting" else 0
            return value.to_bytes(2 * register.type.count, "big")
        value = self.base(register) * (1 + RISE * step) if register.unit in _BASES else 0.0
        return struct.pack(">f" if register.type is RegisterType.FLOAT32 else ">d", value)

    def measured(self, register: Register, value: float) -> float:
        """When this register had this value, Unix s; the unit in the last place may shift it by a step."""
        return self.started + (value / self.base(register) - 1) / RISE * STEP

    def register_of(self, quantity: str) -> Register | None:
        """The register behind a quantity; None for what is derived, and for what this meter never says."""
        for register in self.model.registers():
            if register.quantity == quantity:
                return register
            if register.choice and register.choice.quantities.get(1) == quantity:
                return register
        return None
