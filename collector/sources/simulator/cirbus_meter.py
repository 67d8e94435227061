"""Answers as a Circutor CVMk: the values of a plant under the commands of a model."""

from __future__ import annotations

import time
from collections.abc import Callable

from collector.devices.map import Code, Model
from collector.sources.cirbus.commands import COMMANDS, IDENTIFY, Command, split
from collector.sources.cirbus.message import Message, build, search
from collector.sources.simulator.asked_line import AskedMeter
from collector.sources.simulator.measurement import Measurement
from collector.sources.simulator.plant import EPOCH, Plant
from collector.sources.telegram import in_si


def cut(heard: bytes) -> tuple[bytes, bytes] | None:
    """The first whole question, and what follows it."""
    for found in search(heard):
        if isinstance(found, Message):
            return heard[found.begin : found.end], heard[found.end :]
    return None


class CirbusMeter(AskedMeter):
    """One meter. What a test sets stays; nothing that arrives on the wire changes anything."""

    def __init__(
        self,
        model: Model,
        unit: int,
        plant: Plant | None = None,
        clock: Callable[[], float] = time.monotonic,
        since: float | None = None,
    ) -> None:
        """`unit`: 0 to 99. `clock`, `since`: as for SimulatedMeter."""
        self.unit = unit
        self.commands = {split(code.code)[0] for code in model.codes}
        self.version = "CVMk V2.11"
        self._codes = {code.code: code for code in model.codes}
        self._measured = Measurement(plant or Plant(), clock, time.time() - EPOCH if since is None else since)
        self._set: dict[str, float | None] = {}

    def set(self, code: str, value: float | None) -> None:
        """Fixes what a field shows, in the unit of its command; None: not available."""
        self._set[code] = value

    def answer(self, request: bytes) -> bytes | None:
        """See AskedMeter; silent when the command is not known."""
        message = next(search(request))
        if not isinstance(message, Message) or message.unit != self.unit:
            return None
        if message.text == IDENTIFY:
            return build(self.unit, self.version)
        if message.text not in self.commands:
            return None
        command = COMMANDS[message.text]
        fields = range(1, len(command.quantities) + 1)
        return build(self.unit, "".join(self._field(command, number) for number in fields))

    def _field(self, command: Command, number: int) -> str:
        value = self._value(f"{command.name}/{number}", command.unit)
        if value is None:
            return "-" * command.width
        return f"{round(value * command.divisor):0{command.width}d}"

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
