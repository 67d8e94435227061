"""Keeps and explains the raw bytes of a line: `phaselog record`, `phaselog decode`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.options import checked_line, config_path, json_option, load_settings
from collector.cli.table import MISSING, aligned
from collector.config.settings import LineSettings, MeterSettings
from collector.errors import UsageError

if TYPE_CHECKING:
    from collector.sources.telegram import Telegram, Value

#: The longest capture that is decoded at once, bytes.
MOST_BYTES = 64 << 20
PROTOCOLS = ("iec62056-21", "dlt645", "sml", "dsmr", "cirbus")


@click.command()
@click.argument("protocol", type=click.Choice(PROTOCOLS))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key-file", type=click.Path(path_type=Path), help="dsmr: the key of encrypted telegrams, hex digits.")
@json_option
def decode(protocol: str, file: Path, key_file: Path | None, as_json: bool) -> None:
    """Print what a captured FILE of bytes holds: raw bytes, hex digits or a dump, or what `phaselog record` wrote."""
    from collector.sources.capture import of_meter
    from collector.sources.decoding import decode as decoded

    if file.stat().st_size > MOST_BYTES:
        raise UsageError(f"{file}: longer than {MOST_BYTES >> 20} MB", "cut it: head -c 10M FILE > PART")
    if key_file and protocol != "dsmr":
        raise UsageError(f"{protocol} telegrams are not encrypted", "leave --key-file out")
    try:
        telegram = decoded(protocol, of_meter(file), key_file)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
    click.echo(_as_json(telegram) if as_json else "\n".join(_as_text(telegram)))


def _as_json(telegram: Telegram) -> str:
    return json.dumps(asdict(telegram), ensure_ascii=False)


def _as_text(telegram: Telegram) -> list[str]:
    rows = [(value.code, _shown(value), value.unit, value.quantity or "") for value in telegram.values]
    problems = [click.style(f"problem: {problem}", fg="yellow") for problem in telegram.problems]
    end = "complete" if telegram.complete else "NOT complete: nothing of a telegram that is not whole is believed"
    return [click.style(telegram.identification or "no identification", bold=True), *aligned(rows), *problems, end]


def _shown(value: Value) -> str:
    if value.value is None:
        return MISSING
    return value.value if isinstance(value.value, str) else f"{value.value:.12g}"


@click.command()
@click.argument("line")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--config", type=click.Path(path_type=Path), help="The configuration that names the line.")
@click.option("--seconds", type=click.IntRange(1, 86400), default=60, show_default=True, help="How long.")
@click.option("--baud", type=int, default=9600, show_default=True, help="When LINE is a serial port.")
@click.option("--frame", default="8N1", show_default=True, help="When LINE is a serial port.")
def record(line: str, file: Path, config: Path | None, seconds: int, baud: int, frame: str) -> None:
    """Write every byte that passes LINE, with its time, into FILE.

    LINE is a line of the configuration: its meters are read as the collector would, which must not run meanwhile. Or it
    is a serial port, /dev/...: then nothing is asked, only heard.
    """
    from collector.sources.capture import Capture
    from collector.sources.ticker import SystemTicker

    settings, meters = _line(line, config, baud, frame)
    try:
        with file.open("x", encoding="utf-8") as target:
            capture = Capture(target, settings, SystemTicker())
            _pass(settings, meters, capture, seconds)
    except FileExistsError:
        raise UsageError(f"{file} is there already", "name another file: a capture is never written over") from None
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
    click.echo(f"{file}: {capture.heard} bytes heard, {capture.sent} sent")


def _line(name: str, config: Path | None, baud: int, frame: str) -> tuple[LineSettings, tuple[MeterSettings, ...]]:
    if "/" in name:
        return checked_line("record", port=name, baud=baud, frame=frame), ()
    settings = load_settings(config)
    found = next((line for line in settings.lines if line.name == name), None)
    if found is None:
        known = ", ".join(line.name for line in settings.lines) or "none"
        raise UsageError(f'{config_path(config)}: no line is called "{name}"', f"lines: {known}; or name a port")
    if not (found.port or found.host):
        raise UsageError(f"line {name} is no wire", "mosquitto_sub and tcpdump record MQTT and datagrams")
    return found, settings.meters_on(name)


def _pass(
    line: LineSettings, meters: tuple[MeterSettings, ...], capture: Callable[[str, bytes], None], seconds: int
) -> None:
    from collector.devices import catalogue
    from collector.sources.channel.channel import Channel
    from collector.sources.listening_in import listen_in, read_along
    from collector.sources.ticker import SystemTicker

    until = time.monotonic() + seconds
    hanging = [(meter, catalogue.load(meter.model)) for meter in meters]
    Channel.tap = capture
    try:
        if hanging:
            read_along(line, hanging, SystemTicker(), until, _progress)
        else:
            listen_in(line, SystemTicker(), until, _progress)
    finally:
        Channel.tap = None
        _clear()


def _progress(left: float) -> None:
    if sys.stderr.isatty():
        click.echo(f"\rrecording, {left:.0f} s left ", nl=False, err=True)


def _clear() -> None:
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True, color=True)


COMMANDS = (decode, record)
