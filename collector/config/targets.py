"""Checks where each line leads: to exactly one place, and no two lines to the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from collector.config.settings import USB
from collector.errors import Mistake

Table = Mapping[str, Any]

#: The keys of which a line has exactly one, and how each is written.
ENDS = {
    "port": 'port = "/dev/..."',
    "host": 'host = "..."',
    "udp_port": "udp_port = 5005",
    "mqtt": 'mqtt = "..."',
    "gpio": 'gpio = "/dev/gpiochip0"',
    "camera": 'camera = "rpicam"',
}
#: Keys that mean something beside some ends only; the speed is also that of the wire behind a gateway.
_BELONGS = {
    **dict.fromkeys(("baud", "frame"), ("port", "host")),
    **dict.fromkeys(("tcp_port", "framing"), ("host",)),
    **dict.fromkeys(("tls", "ca_file"), ("mqtt",)),
    **dict.fromkeys(("user", "password_file"), ("mqtt", "camera")),
    "lamp": ("camera",),
}
MQTT_PORT = 1883
_CARRIERS = (("udp_port", "udp"), ("mqtt", "mqtt"), ("gpio", "gpio"), ("camera", "camera"))


def where(table: str, index: int, data: Table, key: str = "") -> str:
    """How a mistake names its place: `meter[0].unit`, with the meter's name behind it where there is one."""
    path = f"{table}[{index}]" + (f".{key}" if key else "")
    name = data.get("name")
    return f'{path} ("{name}")' if isinstance(name, str) and name else path


def carrier(line: Table) -> str:
    """What carries a line, see config.protocols; a line that leads nowhere is called a wire."""
    return next((kind for key, kind in _CARRIERS if key in line), "wire")


def targets(lines: Sequence[Table]) -> Iterator[Mistake]:
    """Every mistake in where the lines lead."""
    owner: dict[str, str] = {}
    for index, line in enumerate(lines):
        ends = [key for key in ENDS if key in line]
        yield from _keys(index, line, ends)
        target = _target(line)
        if target and target in owner:
            said = f"is the same as that of {owner[target]}"
            yield Mistake(where("line", index, line, ends[0]), said, "meters that share a wire share one [[line]]")
        elif target:
            owner[target] = where("line", index, line)


def _keys(index: int, line: Table, ends: Sequence[str]) -> Iterator[Mistake]:
    here = where("line", index, line)
    if not ends:
        yield Mistake(here, "leads nowhere", "write one of " + ", ".join(ENDS.values()))
    elif len(ends) > 1:
        yield Mistake(here, f"has both {ends[0]} and {ends[1]}", "keep one: a line leads to one place")
    else:
        for key, owners in _BELONGS.items():
            if key in line and ends[0] not in owners:
                there = where("line", index, line, key)
                said = f"has no meaning beside {ends[0]}"
                yield Mistake(there, said, f"it belongs to {' or '.join(owners)}: remove it")


def _target(line: Table) -> str | None:
    """What two lines must not share: the real device file, or host and port."""
    port, host, broker = line.get("port"), line.get("host"), line.get("mqtt")
    if port == USB:
        return USB
    if isinstance(camera := line.get("camera"), str):
        return f"camera {camera}"
    for path in (port, line.get("gpio")):
        if isinstance(path, str) and path:
            return str(Path(path).resolve())
    if isinstance(host, str) and host:
        return f"{host.lower()}:{line.get('tcp_port', 502)}"
    if isinstance(broker, str) and broker:
        return f"mqtt {broker.lower()}" + ("" if ":" in broker else f":{MQTT_PORT}")
    return f"udp {line['udp_port']}" if "udp_port" in line else None
