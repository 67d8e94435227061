"""Answers requests as a meter of one model would: values coded by its own register map, everything else refused."""

from __future__ import annotations

import math
import struct
import threading
import time
from collections.abc import Callable, Mapping

from pymodbus.pdu import DecodePDU, ExceptionResponse, ModbusPDU
from pymodbus.pdu.bit_message import ReadDiscreteInputsResponse
from pymodbus.pdu.mei_message import ReadDeviceInformationResponse
from pymodbus.pdu.other_message import ReportDeviceIdResponse
from pymodbus.pdu.register_message import ReadHoldingRegistersResponse, ReadInputRegistersResponse

from collector.devices.map import Model, Register, RegisterType
from collector.model.quantity import QUANTITIES
from collector.sources.simulator.plant import Plant

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3
_DECODER = DecodePDU(True)
_RESPONSES = {3: ReadHoldingRegistersResponse, 4: ReadInputRegistersResponse}
_FLOATS = {RegisterType.FLOAT32: "f", RegisterType.FLOAT64: "d"}
_INTEGERS = {2: "h", 4: "i", 8: "q"}


class SimulatedMeter:
    """A meter of this model at a plant. Thread safe."""

    def __init__(
        self,
        model: Model,
        plant: Plant | None = None,
        clock: Callable[[], float] = time.time,
        answers_holes: bool = True,
    ) -> None:
        """`answers_holes`: registers between two values of the map read as 'not available' instead of being refused."""
        self.model = model
        self._plant = plant or Plant()
        self._clock = clock
        self._answers_holes = answers_holes
        self._lock = threading.Lock()
        self._at = {register.address: register for register in model.registers()}
        self._set: dict[str, float | None] = {}
        self._counted = 0.0
        self._counted_at = clock()
        self._now: tuple[float, Mapping[str, float]] = (-math.inf, {})
        self.bits: dict[int, bool] = dict.fromkeys((model.status_bits or {}).values(), False)
        self._cache: dict[tuple[int, int], tuple[float, list[int]]] = {}

    def set(self, name: str, value: float | None) -> None:
        """From now on the register or quantity of this name has this value (None: not available)."""
        with self._lock:
            self._set[name] = value
            self._cache.clear()

    def value(self, register: Register) -> float | None:
        """What the register says now, in its unit."""
        for name in (register.name, *register.quantities):
            if name in self._set:
                return self._set[name]
        quantity = register.quantities[0] if register.quantities else ""
        if quantity in QUANTITIES and QUANTITIES[quantity].counts:
            return self._energy(quantity)
        return self._values().get(quantity, 0.0)

    def _values(self) -> Mapping[str, float]:
        now = self._clock()
        if not now - self._now[0] < 0.1:
            self._now = (now, self._plant.at(now))
            self._count(now)
        return self._now[1]

    def _count(self, now: float) -> None:
        self._counted += self._now[1]["active_power_total"] * (now - self._counted_at) / 3600
        self._counted_at = now

    def _energy(self, quantity: str) -> float:
        self._values()
        share = 0.4 if quantity.startswith("reactive") else 1.0
        return 2_244_000.0 + self._counted * share

    def respond(self, pdu: bytes) -> bytes:
        """The PDU of the answer to the PDU of a request."""
        function = pdu[0] if pdu else 0
        request = _DECODER.decode(pdu) if pdu else None
        if request is None or isinstance(request, ExceptionResponse):
            return _coded(ExceptionResponse(function & 0x7F, ILLEGAL_FUNCTION))
        with self._lock:
            response = self._respond(function, request)
        return _coded(response)

    def _respond(self, function: int, request: ModbusPDU) -> ModbusPDU:
        if function in _RESPONSES and function in self.model.functions:
            return self._registers(function, request.address, request.count)
        if function == 2:
            return self._bits(request.address, request.count)
        if function == 0x2B:
            return ReadDeviceInformationResponse(read_code=1, information=self._identity())
        if function == 0x11:
            return ReportDeviceIdResponse(identifier=self.model.title.encode(), status=True)
        return ExceptionResponse(function, ILLEGAL_FUNCTION)

    def _identity(self) -> dict[int, bytes]:
        """Maker, product and revision (FC 2Bh/0Eh, objects 0 to 2)."""
        return {0: self.model.maker.encode(), 1: self.model.title.split()[-1].encode(), 2: b"1.0"}

    def _bits(self, address: int, count: int) -> ModbusPDU:
        if not 1 <= count <= 2000:
            return ExceptionResponse(2, ILLEGAL_VALUE)
        if address not in self.bits:
            return ExceptionResponse(2, ILLEGAL_ADDRESS)
        return ReadDiscreteInputsResponse(bits=[self.bits.get(address + k, False) for k in range(count)])

    def _registers(self, function: int, address: int, count: int) -> ModbusPDU:
        if not 1 <= count <= self.model.max_registers:
            return ExceptionResponse(function, ILLEGAL_VALUE)
        words: list[int] = []
        while len(words) < count:
            register = self._at.get(address + len(words))
            if register is not None:
                words += self._words(register)
            elif words and self._answers_holes:
                words.append(0xFFFF)
            else:
                return ExceptionResponse(function, ILLEGAL_ADDRESS)
        if len(words) != count or (words[-1:] == [0xFFFF] and address + count - 1 not in self._ends()):
            return ExceptionResponse(function, ILLEGAL_ADDRESS)
        return _RESPONSES[function](registers=words)

    def _ends(self) -> frozenset[int]:
        return frozenset(register.end - 1 for register in self._at.values())

    def _words(self, register: Register) -> list[int]:
        data = encode(register, self.value(register))
        words = [int.from_bytes(data[k : k + 2], "big") for k in range(0, len(data), 2)]
        return words if self.model.word_order == "big" else words[::-1]


def encode(register: Register, value: float | None) -> bytes:
    """The value as the register holds it, big-endian; a missing one as NaN or the model's own pattern."""
    size = 2 * register.type.count
    if value is None:
        pattern = min(register.missing, default=(1 << 8 * size) - 1)
        return pattern.to_bytes(size, "big")
    if register.type in _FLOATS:
        return struct.pack(f">{_FLOATS[register.type]}", value / register.scale)
    signed = register.type.value.startswith("int")
    code = _INTEGERS[size] if signed else _INTEGERS[size].upper()
    return struct.pack(f">{code}", round(value / register.scale))


def _coded(response: ModbusPDU) -> bytes:
    return bytes((response.function_code,)) + response.encode()
