"""Tells where a request on a serial line ends (Modbus over serial line 1.02, section 2.5.1)."""

from __future__ import annotations

from pymodbus.pdu import DecodePDU

LONGEST_FRAME = 256
_DECODER = DecodePDU(True)


def request_length(heard: bytes) -> int | None:
    """Length of the request that begins here; None while too little of it is there, or only silence can tell."""
    if len(heard) < 4:
        return None
    try:
        kind = _DECODER.lookupPduClass(heard)
        return (kind.calculateRtuFrameSize(heard) or None) if kind else None
    except IndexError:  # pymodbus looks at a byte count that is still to come
        return None
