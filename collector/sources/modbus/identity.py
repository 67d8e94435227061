"""Asks a device what it is: FC 2Bh/0Eh and FC 11h (Modbus application protocol 1.1b3, sections 6.13 and 6.21)."""

from __future__ import annotations

from dataclasses import dataclass

from pymodbus.pdu import DecodePDU
from pymodbus.pdu.mei_message import ReadDeviceInformationResponse
from pymodbus.pdu.other_message import ReportDeviceIdResponse

from collector.errors import BadAnswer, MeterRefused, NoAnswer
from collector.sources.modbus.queries import Query, read_identification, report_device_id
from collector.sources.modbus.wire import Wire

_DECODER = DecodePDU(False)
_VENDOR, _PRODUCT, _REVISION = 0, 1, 2


@dataclass(frozen=True, slots=True)
class SaidIdentity:
    """What a device says of itself; empty where it says nothing."""

    vendor: str = ""
    product: str = ""
    revision: str = ""
    slave_id: str = ""


def ask_identity(wire: Wire, unit: int, timeout: float) -> SaidIdentity:
    """Asks both ways; a device that knows neither has an empty identity. Raises LineError only."""
    objects = _basic(_asked(wire, read_identification(unit), timeout))
    slave_id = _slave_id(_asked(wire, report_device_id(unit), timeout))
    return SaidIdentity(objects.get(_VENDOR, ""), objects.get(_PRODUCT, ""), objects.get(_REVISION, ""), slave_id)


def _asked(wire: Wire, query: Query, timeout: float) -> bytes:
    try:
        return wire.exchange(query, timeout).pdu
    except (NoAnswer, BadAnswer, MeterRefused):
        return b""


def _basic(pdu: bytes) -> dict[int, str]:
    answer = _DECODER.decode(pdu) if pdu else None
    if not isinstance(answer, ReadDeviceInformationResponse):
        return {}
    # pymodbus gives a list where an object comes twice.
    return {number: _text(value) for number, value in answer.information.items() if isinstance(value, bytes)}


def _slave_id(pdu: bytes) -> str:
    answer = _DECODER.decode(pdu) if pdu else None
    return _text(answer.identifier) if isinstance(answer, ReportDeviceIdResponse) else ""


def _text(data: bytes) -> str:
    """The printable part: some devices put numbers before their name."""
    return "".join(chr(byte) for byte in data if 32 <= byte < 127).strip()
