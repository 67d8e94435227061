"""Plays recorded exchanges back: JSON lines {"request": HEX, "reply": HEX}, whole RTU frames, unit to CRC.

A request that was recorded several times gets its replies in turn; a reply is played as it was, faults included; an
empty one is silence. What was never recorded is not answered.
"""

from __future__ import annotations

import json
from itertools import cycle
from pathlib import Path

from collector.errors import ConfigError, Mistake
from collector.sources.simulator.station import Station, crc_is_right


class Recording(Station):
    """What one unit was heard to say."""

    def __init__(self, exchanges: dict[bytes, list[bytes]], turnaround: float = 0.005) -> None:
        """`exchanges`: PDU of the request -> whole RTU frames of the replies. `turnaround`: s."""
        self.turnaround = turnaround
        self._replies = {pdu: cycle(replies) for pdu, replies in exchanges.items()}

    def answer(self, pdu: bytes) -> bytes | None:
        """See Station."""
        frame = self.rtu_answer(0, pdu)
        return frame[1:-2] if frame and len(frame) > 3 else None

    def rtu_answer(self, unit: int, pdu: bytes) -> bytes | None:
        """See Station."""
        replies = self._replies.get(pdu)
        return (next(replies) or None) if replies else None


def recorded(path: Path) -> dict[int, Recording]:
    """Unit -> what it said; raises ConfigError with every line that is not an exchange."""
    units: dict[int, dict[bytes, list[bytes]]] = {}
    mistakes = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.strip():
            try:
                request, reply = _exchange(line)
            except (ValueError, KeyError, TypeError) as error:
                mistakes.append(Mistake(f"line {number}", str(error)))
            else:
                units.setdefault(request[0], {}).setdefault(request[1:-2], []).append(reply)
    if mistakes or not units:
        raise ConfigError(f"{path}: not a recording", mistakes, 'a line is {"request": "0103...", "reply": "0103..."}')
    return {unit: Recording(exchanges) for unit, exchanges in units.items()}


def _exchange(line: str) -> tuple[bytes, bytes]:
    data = json.loads(line)
    if not isinstance(data, dict) or not {"request", "reply"} <= data.keys():
        raise ValueError("it needs request and reply")
    request, reply = bytes.fromhex(data["request"]), bytes.fromhex(data["reply"])
    if not crc_is_right(request):
        raise ValueError("the request's CRC is wrong")
    return request, reply
