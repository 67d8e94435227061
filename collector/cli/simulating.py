"""Pretends to be a meter, so that everything can be tried without one: `phaselog simulate`."""

from __future__ import annotations

import signal
from contextlib import closing
from pathlib import Path

import click

from collector.errors import UsageError

_ENDS = {signal.SIGTERM, signal.SIGINT}


@click.command()
@click.argument("model")
@click.option("--port", type=click.Path(path_type=Path), help="Serial port; a name that does not exist becomes a pty.")
@click.option("--tcp", help="[HOST:]PORT to listen on, instead of a serial port.")
@click.option("--unit", type=click.IntRange(0, 255), help="Modbus address; default: the model's.")
@click.option("--baud", type=int, help="Speed of the serial line; default: the model's.")
@click.option("--frame", help="Data bits, parity, stop bits of the serial line; default: the model's.")
@click.option("--framing", type=click.Choice(["tcp", "rtu"]), default="tcp", show_default=True, help="With --tcp.")
@click.option("--replay", type=click.Path(exists=True, path_type=Path), help="Play back recorded exchanges.")
def simulate(
    model: str,
    port: Path | None,
    tcp: str | None,
    unit: int | None,
    baud: int | None,
    frame: str | None,
    framing: str,
    replay: Path | None,
) -> None:
    """Simulate a meter of this MODEL until SIGTERM or Ctrl-C."""
    from collector.devices import catalogue
    from collector.sources import simulator

    if (port is None) == (tcp is None):
        raise UsageError("say where the meter listens: either --port or --tcp", "for example --port ./meter-rs485")
    wanted = catalogue.load(model)
    devices = {wanted.unit if unit is None else unit: simulator.SimulatedMeter(wanted)}
    # Blocked before any thread starts, so that every thread inherits it and the signals wait for us.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    if port is None:
        host, number = _address(tcp or "")
        handle = simulator.serve_tcp(devices, host, number, framing)
        where = f"{host}:{handle.port}"
    else:
        speed, shape = baud or wanted.baud, frame or wanted.frame
        serve = simulator.serve_port if port.exists() else simulator.serve_pty
        handle = serve(devices, speed, shape, port)
        where = f"{port}, {speed} {shape}"
    with closing(handle):
        click.echo(f"{wanted.title} simulated: unit {', '.join(map(str, devices))} at {where}")
        signal.sigwait(_ENDS)


def _address(text: str) -> tuple[str, int]:
    """[HOST:]PORT; raises UsageError."""
    host, _, port = text.rpartition(":")
    if not port.isdigit() or int(port) > 65535:
        raise UsageError(f'--tcp: "{text}" is no address', "write it like 5020 or 127.0.0.1:5020")
    return host or "127.0.0.1", int(port)


COMMANDS = (simulate,)
