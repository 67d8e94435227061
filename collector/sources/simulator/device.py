"""Answers as one meter would: the values of a plant in the registers of a model (Modbus application protocol 1.1b3)."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from functools import cached_property

from pymodbus.pdu import DecodePDU, ExceptionResponse
from pymodbus.pdu.mei_message import ReadDeviceInformationRequest, ReadDeviceInformationResponse
from pymodbus.pdu.other_message import ReportDeviceIdResponse

from collector.devices.map import Model, Register
from collector.sources.simulator.exponents import exponents
from collector.sources.simulator.image import IllegalAddress, Image
from collector.sources.simulator.measurement import Measurement
from collector.sources.simulator.plant import EPOCH, Plant, phases_of
from collector.sources.simulator.station import Station
from collector.sources.simulator.sunspec import served

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3
_DECODER = DecodePDU(True)


class SimulatedMeter(Station):
    """One meter. What a test sets stays until it is released; nothing that arrives on the wire changes anything."""

    def __init__(
        self,
        model: Model,
        plant: Plant | None = None,
        clock: Callable[[], float] = time.monotonic,
        strict_holes: bool = True,
        since: float | None = None,
    ) -> None:
        """`clock`: s, never steps back. `strict_holes`: registers between two values cannot be read along.

        `since`: time of the plant now, s; by default it goes by the calendar, so that counters survive a restart.
        """
        constants: dict[str, bytes] = {}
        if model.sunspec:
            model, constants = served(model)
        self.model = model
        self.turnaround = model.turnaround
        self.bits: dict[str, bool] = dict.fromkeys(model.status_bits or (), False)
        self.requests = 0
        self._measured = Measurement(
            plant or Plant(phases=phases_of(model)), clock, time.time() - EPOCH if since is None else since
        )
        self._image = Image(model, strict_holes)
        self._exponents = exponents(model)
        self._set: dict[str, float | bytes | None] = {**constants}

    # What tests do to it

    def set(self, name: str, value: float | None) -> None:
        """Fixes a register (or the register of a quantity) at a value in its unit; None: not available."""
        self._set[self._named(name)] = value

    def set_raw(self, name: str, raw: int) -> None:
        """Fixes the bits of a register, most significant word first."""
        register = self.model.register(self._named(name))
        self._set[register.name] = raw.to_bytes(2 * register.type.count, "big")

    def release(self, name: str) -> None:
        """Lets a register show again what the plant does."""
        self._set.pop(self._named(name), None)

    def reset_energy(self) -> None:
        """Every counter starts at 0 again."""
        self._measured.reset_counters()

    def value(self, name: str) -> float | None:
        """What a register (or quantity) shows now, in its unit; None where it shows "not available" or raw bits."""
        register = self.model.register(self._named(name))
        if register.name in self._set:
            fixed = self._set[register.name]
            return None if isinstance(fixed, bytes) else fixed
        return self._shown(register)

    def _named(self, name: str) -> str:
        """The register of this name or quantity; KeyError if there is none."""
        for register in self.model.registers():
            if name == register.name or name in register.quantities:
                return register.name
        raise KeyError(name)

    # What the wire sees

    def answer(self, pdu: bytes) -> bytes | None:
        """See Station."""
        self.requests += 1
        function = pdu[0]
        if function in self.model.functions:
            return self._read(function, pdu)
        if function == 2 and self.model.status_bits:
            return self._read_bits(pdu, self.model.status_bits)
        if function == 0x11 and self.model.identity.slave_id:
            text = self.model.identity.slave_id.encode()
            return bytes([function]) + ReportDeviceIdResponse(identifier=text).encode()
        if function == 0x2B and self._identification:
            return self._identify(pdu)
        return _refusal(function, ILLEGAL_FUNCTION)

    def _read(self, function: int, pdu: bytes) -> bytes:
        request = _DECODER.decode(pdu)
        if request is None or not 1 <= request.count <= self.model.max_registers:
            return _refusal(function, ILLEGAL_VALUE)
        try:
            registers = self._image.registers(request.address, request.count)
        except IllegalAddress:
            return _refusal(function, ILLEGAL_ADDRESS)
        self._measured.refresh()
        return bytes([function, 2 * request.count]) + b"".join(map(self._bytes, registers))

    def _read_bits(self, pdu: bytes, bits: Mapping[str, int]) -> bytes:
        request = _DECODER.decode(pdu)
        if request is None or not request.count:
            return _refusal(pdu[0], ILLEGAL_VALUE)
        if request.address < min(bits.values()) or request.address + request.count > max(bits.values()) + 1:
            return _refusal(pdu[0], ILLEGAL_ADDRESS)
        image = sum(1 << at - request.address for name, at in bits.items() if at >= request.address and self.bits[name])
        size = (request.count + 7) // 8
        return bytes([pdu[0], size]) + (image & (1 << request.count) - 1).to_bytes(size, "little")

    @cached_property
    def _identification(self) -> dict[int, bytes]:
        """Objects of FC 2Bh/0Eh, as far as the model tells what to say."""
        identity = self.model.identity
        if not (identity.vendor or identity.product):
            return {}
        return {0: identity.vendor.upper().encode(), 1: identity.product.upper().encode(), 2: b"V1.0"}

    def _identify(self, pdu: bytes) -> bytes:
        request = _DECODER.decode(pdu)
        if not isinstance(request, ReadDeviceInformationRequest):
            return _refusal(pdu[0], ILLEGAL_FUNCTION)
        objects = self._identification
        if request.read_code == 4:
            if request.object_id not in objects:
                return _refusal(pdu[0], ILLEGAL_ADDRESS)
            objects = {request.object_id: objects[request.object_id]}
        elif request.read_code not in (1, 2, 3):
            return _refusal(pdu[0], ILLEGAL_VALUE)
        elif request.object_id in objects:
            objects = {number: text for number, text in objects.items() if number >= request.object_id}
        return bytes([pdu[0]]) + ReadDeviceInformationResponse(request.read_code, dict(objects)).encode()

    # What it measures

    def _bytes(self, register: Register | None) -> bytes:
        if register is None:
            return b"\xff\xff"
        if register.name in self._set:
            fixed = self._set[register.name]
            if isinstance(fixed, bytes):
                return self._image.ordered(register, fixed)
            return self._image.encode(register, fixed, self._exponent(register))
        return self._image.encode(register, self._shown(register), self._exponent(register))

    def _exponent(self, register: Register) -> int | None:
        """The power of ten in which the register shows its value, None where the meter does not tell it."""
        if register.scale_register is None:
            return 0
        value = self.value(register.scale_register)
        return None if value is None else int(value)

    def _shown(self, register: Register) -> float | None:
        if register.name in self._exponents:
            return float(self._exponents[register.name])
        quantity = register.quantity or self._chosen(register)
        if quantity is None:
            return self._measured.extreme(register.name)
        value = self._measured.value(quantity)
        return math.fmod(value, register.rollover) if register.rollover else value

    def _chosen(self, register: Register) -> str | None:
        """What a register with several meanings stands for, by the meter's setting."""
        if register.choice is None:
            return None
        fixed = self._set.get(register.choice.setting, 0.0)
        setting = int.from_bytes(fixed, "big") if isinstance(fixed, bytes) else int(fixed or 0)
        return register.choice.quantities.get((setting >> register.choice.shift) & register.choice.mask)


def _refusal(function: int, code: int) -> bytes:
    refusal = ExceptionResponse(function, code)
    return bytes([refusal.function_code]) + refusal.encode()
