"""Checks what no single key can tell: names that refer to each other, two meters at one address, one port twice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from collector.config.nearest import nearest
from collector.config.settings import USB
from collector.errors import Mistake

Table = Mapping[str, Any]

_MARIADB_ONLY = ("socket", "host", "tcp_port", "user", "password_file", "mysql_readers", "compatible_meter", "database")


def where(table: str, index: int, data: Table, key: str = "") -> str:
    """How a mistake names its place: `meter[0].unit`, with the meter's name behind it where there is one."""
    path = f"{table}[{index}]" + (f".{key}" if key else "")
    name = data.get("name")
    return f'{path} ("{name}")' if isinstance(name, str) and name else path


def relations(
    site: Table, store: Table, lines: Sequence[Table], meters: Sequence[Table], models: Collection[str]
) -> Iterator[Mistake]:
    """Every mistake between keys; works on the file as it is written, so that one mistake does not hide another."""
    yield from _zone(site)
    yield from _store(store, meters)
    yield from _doubles("line", lines)
    yield from _doubles("meter", meters)
    yield from _targets(lines)
    for index, meter in enumerate(meters):
        yield from _meter(index, meter, lines, models)
    yield from _addresses(meters)


def _zone(site: Table) -> Iterator[Mistake]:
    zone = site.get("timezone")
    known = available_timezones()
    if isinstance(zone, str) and zone and zone not in known:
        close = nearest(zone, known) or 'an IANA name like "America/Cuiaba"'
        yield Mistake("site.timezone", f'"{zone}" is no time zone that is known here', close)


def _store(store: Table, meters: Sequence[Table]) -> Iterator[Mistake]:
    kind = store.get("kind", "sqlite")
    strangers = _MARIADB_ONLY if kind == "sqlite" else ("path",) if kind == "mariadb" else ()
    for key in strangers:
        if key in store:
            other = "mariadb" if kind == "sqlite" else "sqlite"
            yield Mistake(
                f"store.{key}", f'has no meaning with kind = "{kind}"', f'remove it, or write kind = "{other}"'
            )
    if "socket" in store and "host" in store:
        yield Mistake("store.host", "stands beside socket", "keep one: socket on this machine, host on another")
    named = store.get("compatible_meter")
    names = [name for meter in meters if isinstance(name := meter.get("name"), str)]
    if isinstance(named, str) and named not in names:
        yield Mistake("store.compatible_meter", f'no meter is called "{named}"', nearest(named, names))


def _doubles(table: str, tables: Sequence[Table]) -> Iterator[Mistake]:
    seen: set[str] = set()
    for index, data in enumerate(tables):
        name = data.get("name")
        if isinstance(name, str) and name in seen:
            yield Mistake(f"{table}[{index}].name", f'a second {table} is called "{name}"', "names are given once")
        elif isinstance(name, str):
            seen.add(name)


def _targets(lines: Sequence[Table]) -> Iterator[Mistake]:
    owner: dict[str, str] = {}
    for index, line in enumerate(lines):
        yield from _target_keys(index, line)
        target = _target(line)
        if target and target in owner:
            here = where("line", index, line, "port" if "port" in line else "host")
            yield Mistake(
                here, f"is the same as that of {owner[target]}", "meters that share a wire share one [[line]]"
            )
        elif target:
            owner[target] = where("line", index, line)


def _target_keys(index: int, line: Table) -> Iterator[Mistake]:
    here = where("line", index, line)
    if "port" in line and "host" in line:
        yield Mistake(here, "has both port and host", "keep one: port for a serial port, host for the network")
    elif "port" not in line and "host" not in line:
        yield Mistake(here, "has neither port nor host", 'write port = "/dev/..." or host = "..."')
    elif "port" in line:
        for key in ("tcp_port", "framing"):
            if key in line:
                there = where("line", index, line, key)
                yield Mistake(there, "has no meaning beside port", "remove it, or write host instead of port")


def _target(line: Table) -> str | None:
    """What two lines must not share: the real device file, or host and port."""
    port, host = line.get("port"), line.get("host")
    if port == USB:
        return USB
    if isinstance(port, str) and port:
        return str(Path(port).resolve())
    if isinstance(host, str) and host:
        return f"{host.lower()}:{line.get('tcp_port', 502)}"
    return None


def _meter(index: int, meter: Table, lines: Sequence[Table], models: Collection[str]) -> Iterator[Mistake]:
    model, line, unit = meter.get("model"), meter.get("line"), meter.get("unit")
    if isinstance(model, str) and model not in models:
        yield Mistake(
            where("meter", index, meter, "model"), f'no model is called "{model}"', _model_hint(model, models)
        )
    names = [name for data in lines if isinstance(name := data.get("name"), str)]
    if isinstance(line, str) and line not in names:
        hint = nearest(line, names) or "write a [[line]] with this name"
        yield Mistake(where("meter", index, meter, "line"), f'no line is called "{line}"', hint)
    wire = next((data for data in lines if data.get("name") == line), None)
    if wire is not None and isinstance(unit, int) and not _addressable(wire, unit) and 0 <= unit <= 255:
        hint = "1 to 247 on a serial line; 0 to 255 only over Modbus TCP"
        yield Mistake(where("meter", index, meter, "unit"), f"{unit} is out of range", hint)


def _model_hint(model: str, models: Collection[str]) -> str:
    hint = nearest(model, models)
    return hint if hint.startswith("did") else "`phaselog models` lists them"


def _addressable(line: Table, unit: int) -> bool:
    tcp = "host" in line and line.get("framing", "tcp") == "tcp"
    return tcp or 1 <= unit <= 247


def _addresses(meters: Sequence[Table]) -> Iterator[Mistake]:
    owner: dict[tuple[str, int], str] = {}
    for index, meter in enumerate(meters):
        line, unit = meter.get("line"), meter.get("unit", 1)
        if not isinstance(line, str) or not isinstance(unit, int):
            continue
        if (line, unit) in owner:
            said = f"{unit} is also that of {owner[line, unit]} on line {line}"
            yield Mistake(where("meter", index, meter, "unit"), said, "each meter on a line has its own address")
        else:
            owner[line, unit] = where("meter", index, meter)
