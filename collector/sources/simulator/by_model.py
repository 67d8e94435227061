"""Serves one simulated meter of any model on a serial line: the protocol decides how it behaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from collector.devices.map import Model
from collector.errors import UsageError
from collector.sources.simulator import cirbus_meter, dlt645_meter, p1_meter, sml_meter
from collector.sources.simulator.asked_line import AskedLine
from collector.sources.simulator.cirbus_meter import CirbusMeter
from collector.sources.simulator.dlt645_meter import Dlt645Meter
from collector.sources.simulator.optical import OpticalHead, OpticalMeter, shown
from collector.sources.simulator.plant import Plant, phases_of

#: The number of a simulated meter, where its protocol has such numbers.
NUMBER = "000000012345"


class SimulatedLine(Protocol):
    """A simulated meter on a line."""

    path: Path

    def close(self) -> None:
        """Ends it."""
        ...


def serve_model(model: Model, link: Path) -> SimulatedLine:
    """A meter that names its values, on a new pseudo-terminal called `link`. Raises UsageError."""
    serve = _SERVERS.get(model.protocol)
    if serve is None:
        hint = "`phaselog simulate MODEL --port NAME --replay FILE` plays a capture"
        raise UsageError(f"meters that speak {model.protocol} cannot be simulated on a serial line", hint)
    return serve(model, link)


def _asked(model: Model, link: Path) -> SimulatedLine:
    return OpticalHead([OpticalMeter("PHL5SIMULATED", shown(model, NUMBER, Plant(phases=phases_of(model))))], link)


def _pushing(model: Model, link: Path) -> SimulatedLine:
    meter = OpticalMeter("PHL5SIMULATED", shown(model, NUMBER, Plant(phases=phases_of(model))))
    head = OpticalHead([meter], link)
    head.push(meter, every=2.0, speed=model.baud)
    return head


def _dlt645(model: Model, link: Path) -> SimulatedLine:
    return AskedLine([Dlt645Meter(model, NUMBER)], dlt645_meter.cut, model.baud, model.frame, link)


def _cirbus(model: Model, link: Path) -> SimulatedLine:
    return AskedLine([CirbusMeter(model, model.unit)], cirbus_meter.cut, model.baud, model.frame, link)


_SERVERS: dict[str, Callable[[Model, Path], SimulatedLine]] = {
    "iec62056-21": _asked,
    "iec62056-21-push": _pushing,
    "sml": lambda model, link: sml_meter.serve(model, link, NUMBER),
    "dsmr": lambda model, link: p1_meter.serve(model, link, NUMBER),
    "cirbus": _cirbus,
    "dlt645-1997": _dlt645,
    "dlt645-2007": _dlt645,
}
