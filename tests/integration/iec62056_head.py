"""A simulated head with meters whose values are known, and a source that reads them."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping

from collector.config.settings import LineSettings, MeterSettings
from collector.devices import catalogue
from collector.devices.map import Model
from collector.sources.channel.serial_port import SerialPort
from collector.sources.iec62056.line import OpticalLine
from collector.sources.iec62056.push import PushListener
from collector.sources.iec62056.queries import permit
from collector.sources.iec62056.source import BLOCK, OpticalSource
from collector.sources.simulator.optical import OpticalHead, OpticalMeter
from collector.sources.ticker import SystemTicker

READOUT = frozenset([BLOCK])
MODEL = catalogue.load("generic-iec62056-21")
#: What the meter of `shown` says, as quantities.
TRUE = {
    "active_energy_import": 33402264.0,
    "active_energy_export": 13465.0,
    "active_power_total": -487.0,
    "voltage_l1_n": 231.2,
    "current_l1": 0.35,
    "frequency": 49.98,
}


def shown(number: str = "28342193", **more: str) -> dict[str, str]:
    lines = {
        "F.F": "00000000",
        "C.1.0": number,
        "1.8.0": "0033402.264*kWh",
        "1.8.0*01": "0031000.000*kWh",
        "2.8.0": "0000013.465*kWh",
        "1.7.0": "00.025*kW",
        "2.7.0": "00.512*kW",
        "32.7.0": "231.2*V",
        "31.7.0": "000.35*A",
        "14.7.0": "49.98*Hz",
    }
    return lines | more


def meter(identification: str = "ISK5ME162-0033", address: str = "", number: str = "28342193") -> OpticalMeter:
    return OpticalMeter(identification, lambda: shown(number), address)


def line_to(head: OpticalHead, frame: str = "7E1", baud: int = 300) -> OpticalLine:
    settings = LineSettings("head", port=str(head.path), baud=baud, frame=frame)
    return OpticalLine(settings, SerialPort(str(head.path), baud, "8N1", permit), SystemTicker())


def source_on(line: OpticalLine, address: str | None = None, name: str = "house", **options: int) -> OpticalSource:
    model = dataclasses.replace(MODEL, options=options)
    return OpticalSource(MeterSettings(name, model.name, "head", address=address), model, line, SystemTicker())


def listener_on(head: OpticalHead, baud: int = 9600, model: Model | None = None) -> PushListener:
    model = model or catalogue.load("generic-iec62056-21-push")
    port = SerialPort(str(head.path), baud, "8N1", permit)
    return PushListener(MeterSettings("house", model.name, "head"), model, port, SystemTicker())


def told(values: Mapping[str, float | None]) -> dict[str, float]:
    return {quantity: value for quantity, value in values.items() if value is not None}


def wait_for_characters(head: OpticalHead, count: int) -> None:
    """Until the meters have said so many characters more, or fell silent before."""
    until, patience = head.said + count, time.monotonic() + 2.0
    while head.said < until and time.monotonic() < patience:
        time.sleep(0.002)
