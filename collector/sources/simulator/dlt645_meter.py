"""Answers as a DL/T 645 meter of either edition: the values of a plant under the codes of a model."""

from __future__ import annotations

import time
from collections.abc import Callable

from collector.devices.map import Code, Model
from collector.sources.dlt645 import pictures
from collector.sources.dlt645.contents import ASK_ADDRESS, MORE_1997, MORE_2007, READ_1997, READ_2007, WIDTHS
from collector.sources.dlt645.frame import ANSWER, MORE, REFUSAL, Frame, build, search
from collector.sources.dlt645.identifiers import items, members
from collector.sources.simulator.asked_line import AskedMeter
from collector.sources.simulator.measurement import Measurement
from collector.sources.simulator.plant import EPOCH, Plant
from collector.sources.telegram import in_si

#: "It has no such data", the same bit in both editions.
_NO_SUCH_DATA = b"\x02"


def cut(heard: bytes) -> tuple[bytes, bytes] | None:
    """The first whole request, with the wake-up bytes before it, and what follows it."""
    for found in search(heard):
        if isinstance(found, Frame):
            return heard[: found.end], heard[found.end :]
    return None


class Dlt645Meter(AskedMeter):
    """One meter. `blocks`: whether it answers blocks. `refuses`: False: it is silent instead. `longest`: bytes of data
    in one frame. What a test sets stays; nothing that arrives on the wire changes anything."""

    def __init__(
        self,
        model: Model,
        address: str,
        plant: Plant | None = None,
        clock: Callable[[], float] = time.monotonic,
        since: float | None = None,
    ) -> None:
        """`address`: 12 digits. `clock`, `since`: as for SimulatedMeter."""
        self.address = address
        self.blocks = True
        self.refuses = True
        self.longest = 200
        self._codes = {code.code: code for code in model.codes}
        self._old = model.protocol == "dlt645-1997"
        self._measured = Measurement(plant or Plant(), clock, time.time() - EPOCH if since is None else since)
        self._set: dict[str, float | None] = {}

    def set(self, code: str, value: float | None) -> None:
        """Fixes what a code shows, in the unit of its identifier; None: not available."""
        self._set[code] = value

    def leave_out(self, code: str) -> None:
        """The meter does not know this code."""
        self._codes.pop(code)

    def answer(self, request: bytes) -> bytes | None:
        """See AskedMeter."""
        frame = next(search(request))
        if not isinstance(frame, Frame) or frame.answers or not self._is_meant(frame.address):
            return None
        if frame.control == ASK_ADDRESS and not self._old:
            return self._say(ASK_ADDRESS | ANSWER, bytes.fromhex(self.address)[::-1])
        if frame.control not in ((READ_1997, MORE_1997) if self._old else (READ_2007, MORE_2007)):
            return None
        width = WIDTHS[frame.control]
        identifier = frame.data[:width]
        data = self._content(identifier[::-1].hex().upper())
        if data is None:
            return self._say(frame.control | ANSWER | REFUSAL, _NO_SUCH_DATA) if self.refuses else None
        number = frame.data[width] if frame.control == MORE_2007 else int(frame.control == MORE_1997)
        return self._part(frame.control, identifier, data, number)

    def _is_meant(self, address: str) -> bool:
        return all(address[at : at + 2] in ("AA", self.address[at : at + 2]) for at in range(0, 12, 2))

    def _part(self, control: int, identifier: bytes, data: bytes, number: int) -> bytes:
        """The part of this number; the bit for "more" is set where another one follows."""
        begin, end = number * self.longest, (number + 1) * self.longest
        follows = MORE if end < len(data) else 0
        tail = bytes((number,)) if control == MORE_2007 else b""
        return self._say(control | ANSWER | follows, identifier + data[begin:end] + tail)

    def _say(self, control: int, data: bytes) -> bytes:
        return b"\xfe" * 4 + build(self.address, control, data)

    def _content(self, code: str) -> bytes | None:
        block = members(code)
        if not block:
            return self._bytes(code) if code in self._codes else None
        known = [number for number, one in enumerate(block) if one in self._codes]
        if not known or not self.blocks:
            return None
        return b"".join(self._bytes(one) for one in block[: known[-1] + 1])

    def _bytes(self, code: str) -> bytes:
        return b"".join(pictures.write(item.picture, self._value(code, item.unit)) for item in items(code))

    def _value(self, code: str, unit: str) -> float | None:
        if code in self._set:
            return self._set[code]
        known = self._codes.get(code)
        if known is None or not self._carries(known):
            return 0.0
        return self._measured.value(known.quantity) / known.scale / in_si(1.0, unit)[0]

    def _carries(self, code: Code) -> bool:
        """Where several codes make a quantity the first one carries all of it."""
        return next(one for one in self._codes.values() if one.quantity == code.quantity) is code
