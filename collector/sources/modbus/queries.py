"""Builds the only requests that Phaselog can send: it reads, it never writes (Modbus application 1.1b3, section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pymodbus.framer import FramerRTU
from pymodbus.pdu import (
    DecodePDU,
    ModbusPDU,
    ReadCoilsRequest,
    ReadDeviceInformationRequest,
    ReadHoldingRegistersRequest,
)
from pymodbus.pdu.bit_message import ReadDiscreteInputsRequest
from pymodbus.pdu.other_message import ReportDeviceIdRequest
from pymodbus.pdu.register_message import ReadInputRegistersRequest

from collector.errors import UsageError

READ_COILS, READ_DISCRETE_INPUTS, READ_HOLDING_REGISTERS, READ_INPUT_REGISTERS = 1, 2, 3, 4
REPORT_DEVICE_ID, READ_IDENTIFICATION = 0x11, 0x2B
#: The sub-function of 2Bh that identifies a device; the other one (0Dh, CANopen) could write.
MEI_IDENTIFICATION = 0x0E

#: The closed list: function code -> bytes that follow it. Nothing else leaves the box.
PERMITTED = {
    READ_COILS: 4,
    READ_DISCRETE_INPUTS: 4,
    READ_HOLDING_REGISTERS: 4,
    READ_INPUT_REGISTERS: 4,
    REPORT_DEVICE_ID: 0,
    READ_IDENTIFICATION: 3,
}

#: Where the function code stands in a frame, and how many bytes follow the PDU.
RTU_FUNCTION_AT, RTU_TAIL = 1, 2
MBAP_FUNCTION_AT, MBAP_TAIL = 7, 0

_RTU = FramerRTU(DecodePDU(False))
_REGISTERS = {READ_HOLDING_REGISTERS: ReadHoldingRegistersRequest, READ_INPUT_REGISTERS: ReadInputRegistersRequest}
_BITS = {READ_COILS: ReadCoilsRequest, READ_DISCRETE_INPUTS: ReadDiscreteInputsRequest}


@dataclass(frozen=True, slots=True)
class Query:
    """One request to one unit, ready to send. `size`: bytes of values that the answer must have (None: it varies)."""

    unit: int
    function: int
    pdu: bytes
    rtu: bytes
    size: int | None


def permit(frame: bytes, function_at: int) -> None:
    """Lets a request pass that only reads; raises UsageError for anything else, however it came about."""
    tail = RTU_TAIL if function_at == RTU_FUNCTION_AT else MBAP_TAIL
    function = frame[function_at] if len(frame) > function_at else None
    following = len(frame) - function_at - 1 - tail
    if function is None or PERMITTED.get(function) != following:
        said = "an empty frame" if function is None else f"function {function:02X}h with {following} bytes"
        raise UsageError(
            f"{said} is not a read request", "Phaselog only reads meters: functions 01-04, 11h and 2Bh/0Eh"
        )
    if function == READ_IDENTIFICATION and frame[function_at + 1] != MEI_IDENTIFICATION:
        raise UsageError(f"function 2Bh/{frame[function_at + 1]:02X}h is not a read request")


def permit_rtu(frame: bytes) -> None:
    """`permit` for whole RTU frames."""
    permit(frame, RTU_FUNCTION_AT)


def permit_mbap(frame: bytes) -> None:
    """`permit` for whole Modbus TCP frames."""
    permit(frame, MBAP_FUNCTION_AT)


# Built once per block and kept: pymodbus takes 12 µs to encode a request, a dictionary 0.1 µs (measured).
@lru_cache(maxsize=8192)
def read_registers(unit: int, function: int, address: int, count: int) -> Query:
    """Reads 1 to 125 registers by FC 03 or 04; UsageError for anything that cannot be asked."""
    if function not in _REGISTERS or not 1 <= count <= 125 or not 0 <= address <= 0x10000 - count:
        raise UsageError(f"cannot read {count} registers at {address} by function {function:02X}h")
    return _query(_REGISTERS[function](address=address, count=count, dev_id=_existing(unit)), 2 * count)


@lru_cache(maxsize=1024)
def read_bits(unit: int, function: int, address: int, count: int) -> Query:
    """Reads 1 to 2000 bits by FC 01 or 02; UsageError for anything that cannot be asked."""
    if function not in _BITS or not 1 <= count <= 2000 or not 0 <= address <= 0x10000 - count:
        raise UsageError(f"cannot read {count} bits at {address} by function {function:02X}h")
    return _query(_BITS[function](address=address, count=count, dev_id=_existing(unit)), (count + 7) // 8)


def report_device_id(unit: int) -> Query:
    """Asks what the device is (FC 11h, serial lines only)."""
    return _query(ReportDeviceIdRequest(dev_id=_existing(unit)), None)


def read_identification(unit: int, first_object: int = 0) -> Query:
    """Asks for maker, product and revision (FC 2Bh/0Eh, basic stream access)."""
    return _query(ReadDeviceInformationRequest(read_code=1, object_id=first_object, dev_id=_existing(unit)), None)


def _existing(unit: int) -> int:
    if not 0 <= unit <= 255:
        raise UsageError(f"unit {unit} does not exist", "units are 1 to 247, on TCP 0 to 255")
    return unit


def _query(request: ModbusPDU, size: int | None) -> Query:
    frame = _RTU.buildFrame(request)
    return Query(request.dev_id, request.function_code, frame[1:-2], frame, size)
