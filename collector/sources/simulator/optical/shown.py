"""Shows the values of a plant as a meter's display lists them, by the codes of a model."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from collector.devices.map import Code, Model
from collector.devices.obis import PART, short
from collector.model.quantity import QUANTITIES
from collector.sources.simulator.plant import EPOCH, Plant

#: Digits as real meters show them, by unit of the quantity: (width, decimals, unit, what one of it is).
_DIGITS = {
    "Wh": (10, 3, "kWh", 1000.0),
    "varh": (10, 3, "kvarh", 1000.0),
    "VAh": (10, 3, "kVAh", 1000.0),
    "W": (6, 3, "kW", 1000.0),
    "var": (6, 3, "kvar", 1000.0),
    "VA": (6, 3, "kVA", 1000.0),
    "V": (5, 1, "V", 1.0),
    "A": (6, 2, "A", 1.0),
    "Hz": (5, 2, "Hz", 1.0),
}


def shown(model: Model, number: str, plant: Plant, since: float | None = None) -> Callable[[], Mapping[str, str]]:
    """Code -> content of its bracket, at every moment. `number`: the meter's own; `since`: plant time now, s."""
    began = time.monotonic()
    start = time.time() - EPOCH if since is None else since

    def now() -> dict[str, str]:
        values = plant.at(start + time.monotonic() - began)
        lines = {"F.F": "00000000", "0.0.0": number}
        return lines | {code.code: _content(code, values[code.quantity]) for code in model.codes}

    return now


def _content(code: Code, value: float) -> str:
    """A part of a sum (import, export) is never negative: the other one is then 0."""
    split = short(code.code) in PART
    value = max(0.0, value * code.sign) if split else value
    width, decimals, unit, one = _DIGITS.get(QUANTITIES[code.quantity].unit, (4, 2, "", 1.0))
    text = f"{value / one:0{width}.{decimals}f}"
    return f"{text}*{unit}" if unit else text
