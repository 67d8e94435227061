"""Searches for what is connected: serial ports, and units that answer: `phaselog ports`, `phaselog scan`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from collector.cli.options import checked_line, json_option
from collector.cli.table import aligned
from collector.errors import UsageError

if TYPE_CHECKING:
    from collector.sources.scan import Found


@click.command()
@json_option
def ports(as_json: bool) -> None:
    """List the serial ports, each with the name that stays its own."""
    from collector.sources.ports import ports as all_ports

    found = all_ports()
    if as_json:
        click.echo(json.dumps([{**asdict(port), "use": port.use, "stable": port.stable} for port in found]))
    elif not found:
        click.echo("no serial port: plug the adapter in; for a gateway in the network write host instead of port")
    else:
        rows = [(port.use, port.device, port.description, "" if port.stable else "may change at the next boot")
                for port in found]  # fmt: skip
        click.echo("\n".join(aligned([("write this", "now", "adapter", ""), *rows])))


@click.command()
@click.option("--port", help="Serial port to search on.")
@click.option("--host", help="Gateway or meter to search on, instead of a serial port.")
@click.option("--tcp-port", type=click.IntRange(1, 65535), default=502, show_default=True, help="With --host.")
@click.option("--framing", type=click.Choice(["tcp", "rtu"]), default="tcp", show_default=True, help="With --host.")
@click.option("--baud", type=int, default=19200, show_default=True, help="With --port.")
@click.option("--frame", default="8N2", show_default=True, help="With --port: data bits, parity, stop bits.")
@click.option("--units", help="Addresses to ask, such as 1-10,126; default: all, factory addresses first.")
@json_option
def scan(
    port: str | None,
    host: str | None,
    tcp_port: int,
    framing: str,
    baud: int,
    frame: str,
    units: str | None,
    as_json: bool,
) -> None:
    """Search a line for units that answer, and tell which meter model each looks like."""
    if (port is None) == (host is None):
        raise UsageError("name the line to search: either --port or --host", "`phaselog ports` lists serial ports")
    if port:
        line = checked_line("scan", port=port, baud=baud, frame=frame)
    else:
        line = checked_line("scan", host=host, tcp_port=tcp_port, framing=framing)
    count = 0
    from collector.devices import catalogue
    from collector.sources.factory import open_wire
    from collector.sources.scan import scan as search
    from collector.sources.ticker import SystemTicker

    ticker, models = SystemTicker(), [catalogue.load(name) for name in catalogue.names()]
    wanted = numbers(units) if units else _every_unit([model.unit for model in models])
    with closing(open_wire(line, ticker)) as wire:
        for found in search(wire, wanted, models, ticker, _progress):
            count += 1
            _clear()
            click.echo(json.dumps(_data(found), ensure_ascii=False) if as_json else _line_of(found))
    _clear()
    click.echo(f"{count} of {len(wanted)} addresses answer", err=True)


def numbers(text: str) -> list[int]:
    """1-3,126 -> 1, 2, 3, 126; raises UsageError for anything else or an address above 255."""
    found: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,3})(?:\s*-\s*(\d{1,3}))?\s*", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not first <= last <= 255:
            raise UsageError(f'--units: "{part}" is no address or range', "write it like 1-10,126; 0 to 255")
        found += range(first, last + 1)
    return list(dict.fromkeys(found))


def _every_unit(factory: Sequence[int]) -> list[int]:
    return list(dict.fromkeys([*sorted(factory), *range(1, 248)]))


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done} of {total} addresses asked ", nl=False, err=True)


def _clear() -> None:
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True, color=True)


def _data(found: Found) -> dict[str, Any]:
    return asdict(found)


def _line_of(found: Found) -> str:
    if found.trouble:
        return f"unit {found.unit}: answers, but not readably: {found.trouble}"
    if not found.candidates:
        return f"unit {found.unit}: answers; like none of the known models (`phaselog models`)"
    best, *others = found.candidates
    why = "; ".join(best.why)
    more = f"; or {', '.join(other.model for other in others[:3])}" if others else ""
    return f"unit {found.unit}: {best.model} ({best.score:.0%}: {why}){more}"


COMMANDS = (scan, ports)
