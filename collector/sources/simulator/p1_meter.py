"""Plays a meter with a customer port P1: telegrams with a CRC, sent by itself (DSMR 5.0.2 P1, sections 5 and 6)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from collector.devices.map import Model
from collector.sources.iec62056.characters import crc16
from collector.sources.simulator.optical import OpticalHead, OpticalMeter, shown
from collector.sources.simulator.plant import Plant, phases_of

#: s from the beginning of a telegram to the next (DSMR 5).
EVERY = 1.0
_IDENTIFICATION = "PHL5\\SIMULATED"
_VERSION = "50"


class P1Meter(OpticalMeter):
    """One meter. `number`: its own; `shown`: code -> content of its bracket, now."""

    def __init__(self, number: str, shown: Callable[[], Mapping[str, str]]) -> None:
        super().__init__(_IDENTIFICATION, shown)
        self._number = number.encode("ascii").hex().upper()
        self._values = shown

    def telegram(self) -> bytes:
        """What it sends now."""
        now = time.localtime()
        lines = {
            "1-3:0.2.8": _VERSION,
            "0-0:1.0.0": time.strftime("%y%m%d%H%M%S", now) + ("S" if now.tm_isdst > 0 else "W"),
            "0-0:96.1.1": self._number,
            **self._values(),
        }
        body = "".join(f"{code}({content})\r\n" for code, content in lines.items())
        checked = f"/{self.who.text}\r\n\r\n{body}!".encode("ascii")
        return checked + b"%04X\r\n" % (crc16(checked) ^ (0x55 if self.wrong_check else 0))


def contents(model: Model, plant: Plant, since: float | None = None) -> Callable[[], Mapping[str, str]]:
    """Code -> content of its bracket, at every moment. A total that may be a sum of tariffs is not shown."""
    sums = {code.quantity for code in model.codes if code.part}
    told = replace(model, codes=tuple(code for code in model.codes if code.quantity not in sums))
    lines = shown(told, "", plant, since)
    codes = {code.code for code in told.codes}
    return lambda: {f"1-0:{code}": content for code, content in lines().items() if code in codes}


def serve(model: Model, link: Path, number: str) -> OpticalHead:
    """Such a meter on a new pseudo-terminal, at the speed of the model."""
    head = OpticalHead([], link, parity=model.frame.startswith("7E"))
    head.push(P1Meter(number, contents(model, Plant(phases=phases_of(model)))), EVERY, model.baud)
    return head
