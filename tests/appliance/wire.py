"""Gives a machine a network of its own: one wire, at whose other end the tests are, and behind them the internet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.appliance.shell import call
from tests.appliance.slot import name_of


@dataclass(frozen=True)
class Wire:
    """10.211.<number>.1 is outside, where the tests are; .2 is the machine. Its slot removes it."""

    number: int

    @property
    def space(self) -> str:
        """Name of the network namespace that the machine boots in."""
        return name_of(self.number)

    @property
    def outside(self) -> str:
        """The address of this side."""
        return f"10.211.{self.number}.1"

    @property
    def address(self) -> str:
        """The machine's address."""
        return f"10.211.{self.number}.2"

    def lay(self, *, online: bool) -> None:
        """Makes it. `online`: through this machine into the internet."""
        call("ip", "netns", "add", self.space)
        call("ip", "link", "add", self.space, "type", "veth", "peer", "name", "host0", "netns", self.space)
        call("ip", "address", "add", f"{self.outside}/24", "dev", self.space)
        call("ip", "link", "set", self.space, "up")
        for words in (f"address add {self.address}/24 dev host0", "link set host0 up", "link set lo up"):
            call("ip", "-n", self.space, *words.split())
        if online:
            call("ip", "-n", self.space, "route", "add", "default", "via", self.outside)
            Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
            rule = f"ip saddr {self.address} ip daddr != {self.outside} masquerade"
            call("nft", f"table ip {self.space} {{ chain out {{ type nat hook postrouting priority 100; {rule}; }}; }}")
