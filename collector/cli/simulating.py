"""Pretends to be a meter, so that everything can be tried without one."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("model")
@click.option("--port", type=click.Path(path_type=Path), help="Serial port; a name that does not exist becomes a pty.")
@click.option("--tcp", help="[HOST:]PORT to listen on, instead of a serial port.")
@click.option("--unit", type=click.IntRange(0, 255), help="Modbus address; default: the model's.")
@click.option("--baud", type=int, help="Speed of the serial line; default: the model's.")
@click.option("--frame", help="Data bits, parity, stop bits of the serial line; default: the model's.")
@click.option("--framing", type=click.Choice(["tcp", "rtu"]), default="tcp", help="Frames over TCP.")
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
    """Simulate a meter of this MODEL until Ctrl-C."""
    raise NotImplementedError


COMMANDS = (simulate,)
