"""Pretends to be a meter, so that everything can be tried without one: `phaselog simulate`."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from collector.cli.options import checked_line
from collector.errors import UsageError

if TYPE_CHECKING:
    from collector.devices.map import Model
    from collector.sources.simulator import Station


#: Either of them ends the simulation.
_ENDS = {signal.SIGTERM, signal.SIGINT}


class Closable(Protocol):
    """A simulated meter that listens."""

    def close(self) -> None:
        """Ends it."""
        ...


@click.command()
@click.argument("model")
@click.option(
    "--port",
    type=click.Path(path_type=Path),
    help="Serial port; a name that does not exist becomes a pty; for a camera, a folder.",
)
@click.option("--tcp", help="[HOST:]PORT to listen on, instead of a serial port.")
@click.option("--unit", type=click.IntRange(0, 255), help="Modbus address; default: the model's.")
@click.option("--baud", type=int, help="Speed of the serial line; default: the model's.")
@click.option("--frame", help="Data bits, parity, stop bits of the serial line; default: the model's.")
@click.option("--framing", type=click.Choice(["tcp", "rtu"]), default="tcp", show_default=True, help="With --tcp.")
@click.option(
    "--replay",
    type=click.Path(exists=True, path_type=Path),
    help="Play back what `phaselog record` wrote, or recorded exchanges.",
)
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
    if (port is None) == (tcp is None):
        raise UsageError("say where the meter listens: either --port or --tcp", "for example --port ./meter-rs485")
    from collector.devices import catalogue
    from collector.sources.capture import is_capture
    from collector.sources.simulator import SimulatedMeter, recorded
    from collector.sources.simulator.by_model import serve_model
    from collector.sources.simulator.replay import Replay

    wanted = catalogue.load(model)
    # Blocked before any thread starts, so that every thread inherits it and the signals wait for us.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    if replay is not None and is_capture(replay):
        if port is None:
            raise UsageError("a capture is played on a serial line", "write --port instead of --tcp")
        _serve(Replay(replay, port), f"{wanted.title} played from {replay} at {port}")
        return
    if wanted.protocol == "camera":
        _serve_pictures(wanted, port)
        return
    if wanted.protocol != "modbus":
        if port is None:
            raise UsageError(f"{model} is simulated on a serial line", "write --port instead of --tcp")
        _serve(serve_model(wanted, port), f"{wanted.title} simulated at {port}")
        return
    devices: Mapping[int, Station] = (
        recorded(replay) if replay else {wanted.unit if unit is None else unit: SimulatedMeter(wanted)}
    )
    if port is not None:
        served, where = _on_line(devices, port, baud or wanted.baud, frame or wanted.frame)
    else:
        served, where = _on_network(devices, tcp or "", framing)
    _serve(served, f"{wanted.title} simulated: unit {', '.join(map(str, devices))} at {where}")


def _serve_pictures(model: Model, folder: Path | None) -> None:
    from collector.sources.simulator.camera_folder import CameraFolder

    if folder is None:
        raise UsageError(f"{model.name} is simulated by pictures in a folder", "write --port FOLDER instead of --tcp")
    # The child must end with SIGTERM, which is blocked here.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
    served = CameraFolder(model, folder)
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    _serve(served, f"{model.title}: pictures in {folder}")


def _serve(served: Closable, title: str) -> None:
    with closing(served):
        click.echo(title)
        signal.sigwait(_ENDS)


def _on_line(devices: Mapping[int, Station], port: Path, baud: int, frame: str) -> tuple[Closable, str]:
    from collector.sources.simulator import serve_port, serve_pty

    checked_line("simulate", port=str(port), baud=baud, frame=frame)
    served: Closable
    # A link to a pseudo-terminal was left by an earlier simulation; its number may be somebody else's by now.
    left_over = port.is_symlink() and port.resolve().is_relative_to("/dev/pts")
    if port.exists() and not left_over:
        served = serve_port(devices, baud, frame, port)
    else:
        served = serve_pty(devices, baud, frame, port)
    return served, f"{port}, {baud} {frame}"


def _on_network(devices: Mapping[int, Station], tcp: str, framing: str) -> tuple[Closable, str]:
    from collector.sources.simulator import serve_tcp

    host, number = _address(tcp)
    served = serve_tcp(devices, host, number, framing)
    return served, f"{host}:{served.port}"


def _address(text: str) -> tuple[str, int]:
    """[HOST:]PORT; raises UsageError."""
    host, _, port = text.rpartition(":")
    if not port.isdigit() or int(port) > 65535:
        raise UsageError(f'--tcp: "{text}" is no address', "write it like 5020 or 127.0.0.1:5020")
    return host or "127.0.0.1", int(port)


COMMANDS = (simulate,)
