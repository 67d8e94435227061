"""Cuts the stream of a Modbus TCP connection into frames and judges them (Modbus on TCP/IP 1.0b, section 3.1)."""

from __future__ import annotations

import struct

from collector.errors import BadAnswer
from collector.sources.modbus.exceptions import EXCEPTIONS, refused
from collector.sources.modbus.queries import Query

_HEADER = struct.Struct(">HHHB")
#: Unit and PDU together: at least unit, function and one byte, at most 254 (253 bytes of PDU).
_SHORTEST, _LONGEST = 3, 254


def wrap(transaction: int, query: Query) -> bytes:
    """The frame that carries the query."""
    return _HEADER.pack(transaction, 0, len(query.pdu) + 1, query.unit) + query.pdu


def take(stream: bytearray) -> tuple[int, int, bytes] | None:
    """Takes the first whole frame (transaction, unit, PDU) off the stream; None while there is none.

    Raises BadAnswer ("protocol") when the stream is not Modbus: nothing behind that point can be believed.
    """
    if len(stream) < _HEADER.size:
        return None
    transaction, protocol, length, unit = _HEADER.unpack_from(stream)
    if protocol or not _SHORTEST <= length <= _LONGEST:
        raise BadAnswer(f"what came is not Modbus TCP ({bytes(stream[:12]).hex(' ')})", "protocol", _HINT)
    if len(stream) < 6 + length:
        return None
    pdu = bytes(stream[_HEADER.size : 6 + length])
    del stream[: 6 + length]
    return transaction, unit, pdu


_HINT = 'is this a Modbus TCP port? a transparent gateway needs framing = "rtu"'


def judge(unit: int, pdu: bytes, query: Query) -> bytes:
    """The PDU if it is the answer to the query; raises MeterRefused or BadAnswer."""
    if unit != query.unit:
        raise BadAnswer(f"unit {unit} answered instead of {query.unit}", "unit")
    function = pdu[0]
    if function == query.function | 0x80 and len(pdu) == 2:
        if pdu[1] in EXCEPTIONS:
            raise refused(unit, pdu[1])
        raise BadAnswer(f"unit {unit} answered with exception {pdu[1]}, which does not exist", "exception")
    if function != query.function:
        raise BadAnswer(f"unit {unit} answered function {function:02X}h, not {query.function:02X}h", "function")
    if query.size is not None and (pdu[1] != query.size or len(pdu) != 2 + query.size):
        said = f"{len(pdu) - 2} bytes of values (and claims {pdu[1]})"
        raise BadAnswer(f"unit {unit} answered {said}, asked were {query.size}", "length")
    return pdu
