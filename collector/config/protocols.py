"""Lists the protocols that meters speak and what each means for the configuration: its line, its address, its pace."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from collector.errors import Mistake


@dataclass(frozen=True, slots=True)
class Protocol:
    """What a configuration must know of a protocol.

    `carrier`: "wire" (serial port or TCP), "udp", "mqtt", "gpio" or "camera". `address`: the meter's key that tells the
    meters of a line apart ("unit", "address", "topic"), empty where a line has one meter. `baud`, `frame`: what a
    serial line has unless it says otherwise. `every`, `least_every`: s; how often a meter is read unless it says
    otherwise, and how often at most. `speaks`: it sends by itself and is never asked.
    """

    carrier: str
    address: str
    baud: int = 9600
    frame: str = "8N1"
    every: float = 1.0
    least_every: float = 0.1
    speaks: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What a configuration must know of one model: its protocol's word, and its own pace (s)."""

    protocol: str = "modbus"
    every: float = 1.0
    least_every: float = 0.1


class Models(Mapping[str, Offer], ABC):
    """What each model that a meter may have asks of the configuration, by name."""

    @abstractmethod
    def define(self, tables: Mapping[str, Any]) -> list[Mistake]:
        """Takes the models that the configuration itself defines, `[model.NAME]`; says what is wrong with them."""


PROTOCOLS = {
    "modbus": Protocol("wire", "unit", 19200, "8N2"),
    # A read-out at 300 baud takes up to a minute, and each wakes the optical port of a meter on a battery.
    "iec62056-21": Protocol("wire", "address", 300, "7E1", 300.0, 10.0),
    "iec62056-21-push": Protocol("wire", "", 9600, "7E1", 1.0, speaks=True),
    "dlt645-1997": Protocol("wire", "address", 1200, "8E1", 10.0, 1.0),
    "dlt645-2007": Protocol("wire", "address", 2400, "8E1", 10.0, 1.0),
    "cirbus": Protocol("wire", "unit", 9600, "8N1", 10.0, 1.0),
    "sml": Protocol("wire", "", 9600, "8N1", 1.0, speaks=True),
    "dsmr": Protocol("wire", "", 115200, "8N1", 1.0, speaks=True),
    "kerrucent": Protocol("udp", "address", speaks=True),
    "mqtt": Protocol("mqtt", "topic", speaks=True),
    "pulses": Protocol("gpio", "unit", every=10.0, least_every=1.0, speaks=True),
    # One camera may see several displays; each meter's profile tells where.
    "camera": Protocol("camera", "name", every=300.0, least_every=10.0),
}
