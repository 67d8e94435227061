"""Searches for what is connected: serial ports, and units that answer: `phaselog ports`, `phaselog scan`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from collector.cli.options import checked_line, json_option
from collector.cli.table import aligned
from collector.errors import UsageError

if TYPE_CHECKING:
    from collector.sources.search import Match


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
@click.option("--baud", type=int, help="With --port; default: every usual speed and frame, one after the other.")
@click.option("--frame", help="With --baud: data bits, parity, stop bits; default: 8N1.")
@click.option("--units", help="Addresses to ask, such as 1-10,126; default: all, factory addresses first.")
@json_option
def scan(
    port: str | None,
    host: str | None,
    tcp_port: int,
    framing: str,
    baud: int | None,
    frame: str | None,
    units: str | None,
    as_json: bool,
) -> None:
    """Search a line for meters, tell which model each looks like, and print the lines to put into the configuration."""
    if (port is None) == (host is None):
        raise UsageError("name the line to search: either --port or --host", "`phaselog ports` lists serial ports")
    if port:
        line = checked_line("scan", port=port, baud=baud or 9600, frame=frame or "8N1")
    else:
        line = checked_line("scan", host=host, tcp_port=tcp_port, framing=framing)
    from collector.devices import catalogue
    from collector.sources.other_ways import other_ways
    from collector.sources.search import modbus_ways, search, speeds
    from collector.sources.ticker import SystemTicker

    ticker, models = SystemTicker(), [catalogue.load(name) for name in catalogue.names()]
    modbus = [model for model in models if model.protocol == "modbus"]
    wanted = numbers(units) if units else _every_unit([model.unit for model in modbus])
    settings = [(line.baud, line.frame)] if baud or frame or not port else speeds(models)
    count = 0
    ways = modbus_ways(line, settings, wanted, modbus, ticker)
    if port and not baud and not units:
        ways = [*other_ways(line, ticker), *ways]
    for found in search(ways, _progress):
        count += 1
        _clear()
        click.echo(json.dumps(_data(found, count), ensure_ascii=False) if as_json else "\n".join(_text(found, count)))
    _clear()
    click.echo(f"{count or 'no'} meter{'' if count == 1 else 's'} found", err=True)


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


def _progress(title: str, done: float) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[Klooking: {title} {done:.0%} ", nl=False, err=True, color=True)


def _clear() -> None:
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True, color=True)


def _data(found: Match, number: int) -> dict[str, Any]:
    from collector.sources.search import configuration

    serial = {"baud": found.line.baud, "frame": found.line.frame} if found.line.serial else {}
    return {
        **({found.key: found.value} if found.key else {}),
        "protocol": found.line.protocol,
        **serial,
        "said": found.said,
        "candidates": [asdict(candidate) for candidate in found.candidates],
        "trouble": found.trouble,
        "config": configuration(found, f"meter{number}"),
    }


def _text(found: Match, number: int) -> list[str]:
    from collector.sources.search import configuration, meter_lines

    where = f"{found.line.baud} {found.line.frame}, " if found.line.serial else ""
    address = f"{found.key} {found.value}" if found.value is not None else found.line.protocol
    title = click.style(f"{where}{address}: ", bold=True)
    if found.trouble:
        return [title + f"answers, but not readably: {found.trouble}"]
    if not found.candidates:
        said = f' and says "{found.said}"' if found.said else ""
        return [title + f"answers{said}; like none of the known models (`phaselog models`)"]
    best, *others = found.candidates
    more = f"; or {', '.join(other.model for other in others[:3])}" if others else ""
    paste = configuration(found, f"meter{number}") if number == 1 else "\n".join(meter_lines(found, f"meter{number}"))
    return [title + f"{best.model} ({best.score:.0%}: {'; '.join(best.why)}){more}", "", paste, ""]


COMMANDS = (scan, ports)
