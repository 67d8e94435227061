"""Computes how long a request keeps a line busy (Modbus over serial line 1.02, section 2.5.1.1)."""

from __future__ import annotations

from dataclasses import dataclass

from collector.config.settings import LineSettings

#: Bytes of a request and of an answer around the values of FC 01-04, each with its CRC.
REQUEST_BYTES, ANSWER_BYTES = 8, 5
#: There and back in a house's network, ms; a gateway's own work comes on top.
ROUND_TRIP = 2.0
#: One register over 10 Mbit/s, ms: next to nothing, but not nothing, so that fewer registers win a tie.
REGISTER_OVER_TCP = 0.002


def character_seconds(baud: int, frame: str) -> float:
    """Seconds of one byte on the wire: start bit, data bits, parity, stop bits ("8N2": 11 bits)."""
    bits = 1 + int(frame[0]) + (frame[1] != "N") + int(frame[2])
    return bits / baud


def silence_seconds(baud: int, frame: str) -> float:
    """t3.5: the silence between two frames; fixed above 19200 baud."""
    return 0.00175 if baud > 19200 else 3.5 * character_seconds(baud, frame)


@dataclass(frozen=True, slots=True)
class LineTime:
    """What requests cost on one line: `base` ms each and `per_byte` ms for each byte of values."""

    base: float
    per_byte: float

    def milliseconds(self, value_bytes: int) -> float:
        """Time from the start of a request until the next one may start."""
        return self.base + self.per_byte * value_bytes


def line_time(line: LineSettings, turnaround: float) -> LineTime:
    """The cost of requests to a meter that begins to answer after `turnaround` s."""
    wait = 1000 * (turnaround + line.gap)
    if not line.serial and line.framing == "tcp":
        return LineTime(ROUND_TRIP + wait, REGISTER_OVER_TCP / 2)
    character = 1000 * character_seconds(line.baud, line.frame)
    silences = 2000 * silence_seconds(line.baud, line.frame)
    network = 0.0 if line.serial else ROUND_TRIP
    return LineTime((REQUEST_BYTES + ANSWER_BYTES) * character + silences + wait + network, character)
