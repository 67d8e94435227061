"""Says what stands behind one unit number on a simulated line."""

from __future__ import annotations

from abc import ABC, abstractmethod

from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU

_RTU = FramerRTU(DecodePDU(True))


class Station(ABC):
    """Something that answers requests. `turnaround`: s from the end of the request's silence to the first byte."""

    turnaround: float = 0.0

    @abstractmethod
    def answer(self, pdu: bytes) -> bytes | None:
        """The PDU that answers this one; None for silence."""

    def rtu_answer(self, unit: int, pdu: bytes) -> bytes | None:
        """The same as a whole RTU frame."""
        answer = self.answer(pdu)
        return None if answer is None else rtu_frame(unit, answer)


def rtu_frame(unit: int, pdu: bytes) -> bytes:
    """Unit, PDU and CRC."""
    return bytes(_RTU.encode(pdu, unit, 0))


def crc_is_right(frame: bytes) -> bool:
    """True when the last two bytes are the CRC of those before."""
    return len(frame) > 3 and FramerRTU.compute_CRC(frame[:-2]) == int.from_bytes(frame[-2:], "big")
