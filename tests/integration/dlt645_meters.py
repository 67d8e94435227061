"""Two simulated DL/T 645 meters on one line of real character times, and what reads them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from collector.config.protocols import PROTOCOLS
from collector.config.settings import LineSettings, MeterSettings
from collector.devices.catalogue import load
from collector.sources.channel.serial_port import SerialPort
from collector.sources.dlt645.line import Dlt645Line
from collector.sources.dlt645.queries import permit
from collector.sources.dlt645.source import Dlt645Source
from collector.sources.simulator.asked_line import AskedLine
from collector.sources.simulator.dlt645_meter import Dlt645Meter, cut
from collector.sources.ticker import SystemTicker

FIRST, SECOND = "000000190101", "558890213594"
NOON = 43_200.0


def meter(address: str = FIRST, model: str = "generic-dlt645-2007") -> Dlt645Meter:
    return Dlt645Meter(load(model), address, clock=lambda: 0.0, since=NOON)


def opened(path: Path, protocol: str, baud: int) -> Dlt645Line:
    line = LineSettings("bus", str(path), baud, "8E1", protocol=protocol)
    return Dlt645Line(line, SerialPort(str(path), baud, "8E1", permit), SystemTicker())


def source(line: Dlt645Line, address: str | None = FIRST, model: str = "generic-dlt645-2007") -> Dlt645Source:
    return Dlt645Source(MeterSettings("house", model, "bus", address=address), load(model), line, SystemTicker())


@contextmanager
def bus(*meters: Dlt645Meter, baud: int = 2400, edition: str = "2007") -> Iterator[tuple[AskedLine, Dlt645Line]]:
    protocol = f"dlt645-{edition}"
    with AskedLine(meters, cut, baud, PROTOCOLS[protocol].frame) as served:
        line = opened(served.path, protocol, baud)
        with closing(line):
            yield served, line


def all_of(source: Dlt645Source) -> frozenset[str]:
    return frozenset(source.periods)
