"""Sets up a camera that reads a display, and shows what it took: `phaselog camera`."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collector.cli.options import chosen_meters, config_argument, json_option, load_settings
from collector.cli.table import MISSING, aligned
from collector.config.settings import LineSettings, MeterSettings
from collector.errors import DeviceError, PhaselogError, UsageError

if TYPE_CHECKING:
    from collector.sources.camera.client import Client

#: s that a picture, and its inspection, may take.
PATIENCE = 120.0
#: Pictures on which a new profile is tried.
TRIED = 5


@click.group()
def camera() -> None:
    """Cameras that read displays: set them up, look at their pictures."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the person knows better than the proposal."""

    corners: tuple[float, ...] = ()
    digits: int | None = None
    decimals: int | None = None
    code: tuple[float, ...] = ()


def _corners(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[float, ...]:
    return () if value is None else _eight(value)


def _eight(text: str) -> tuple[float, ...]:
    """x1,y1,...,x4,y4; raises BadParameter."""
    try:
        numbers = tuple(float(part) for part in text.replace(" ", ",").split(",") if part)
    except ValueError:
        numbers = ()
    if len(numbers) != 8:
        raise click.BadParameter("eight numbers are needed: x and y of four corners, clockwise from the top left")
    return numbers


@camera.command()
@click.argument("meter")
@config_argument
@click.option("--corners", callback=_corners, help="x1,y1,...,x4,y4 of the digits in the picture, from the top left.")
@click.option("--digits", type=click.IntRange(1, 12), help="Places that the display has, lit or not.")
@click.option("--decimals", type=click.IntRange(0, 6), help="How many of them stand behind the point.")
@click.option(
    "--code", callback=_corners, help="The same of the code (1.8.0), where the display shows registers in turn."
)
@click.option("--drawing", type=click.Path(path_type=Path), help="Where to draw what is seen; default: METER.png.")
@click.option("--yes", is_flag=True, help="Take the proposal without asking.")
def setup(
    meter: str,
    config: Path | None,
    corners: tuple[float, ...],
    digits: int | None,
    decimals: int | None,
    code: tuple[float, ...],
    drawing: Path | None,
    yes: bool,
) -> int:
    """Find METER's display in a picture, keep how it is seen, and try it on five more."""
    chosen = _Chosen.of(config, meter)
    wish, drawing = _Wish(corners, digits, decimals, code), drawing or Path(f"{meter}.png")
    picture = chosen.ask("frame", seconds=30)["picture"]
    while True:
        found = chosen.ask("propose", picture=picture, corners=list(wish.corners), digits=wish.digits,
                           decimals=wish.decimals, code=list(wish.code))  # fmt: skip
        _write(drawing, base64.b64decode(found["drawing"]))
        _tell(found, drawing)
        if found["profile"] is not None and (
            (yes and not found["refused"]) or (not yes and click.confirm("keep it?", default=True))
        ):
            break
        if yes:
            raise UsageError(
                found["refused"] or "no display was found", f"look at {drawing}, then give --corners and --digits"
            )
        wish = _asked(wish)
    _keep(chosen, found["profile"])
    return _try(chosen)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """One meter with a camera, and who reads it."""

    meter: MeterSettings
    line: LineSettings
    client: Client

    @classmethod
    def of(cls, config: Path | None, name: str) -> _Chosen:
        from collector.sources.camera.client import Client

        settings = load_settings(config)
        (meter,) = chosen_meters(settings, name)
        line = settings.line(meter.line)
        if line.service is None:
            raise UsageError(f"{name} is not read by a camera", "its line needs camera = ...")
        return cls(meter, line, Client(line.service))

    def ask(self, what: str, **more: object) -> Mapping[str, Any]:
        """What the service says; raises DeviceError."""
        from collector.sources.camera.source import camera_of

        return self.client.ask({"ask": what, "meter": self.meter.name, **camera_of(self.line), **more}, PATIENCE)


def _tell(found: Mapping[str, Any], drawing: Path) -> None:
    rows = [(name, _shown(found[name])) for name in ("digits", "decimals", "kind", "colour", "corners")]
    reads = found["text"] or MISSING
    doubt = f"  ({found['refused']})" if found["refused"] else f"  ({found['confidence']:.1%} sure)"
    code = [("code", found["code"])] if found["code"] else []
    click.echo("\n".join(aligned([*rows, ("reads", reads + doubt), *code, ("drawn in", str(drawing))])))
    for remark in found["remarks"]:
        click.echo(f"  look: {remark}")


def _shown(value: object) -> str:
    return (
        MISSING if value is None else ",".join(f"{one:g}" for one in value) if isinstance(value, list) else str(value)
    )


def _asked(wish: _Wish) -> _Wish:
    """What the person wants otherwise; an empty answer leaves it as it is."""
    corners = click.prompt("corners x1,y1,...,x4,y4 from the top left", default="", show_default=False)
    digits = click.prompt("digits", default="", show_default=False)
    decimals = click.prompt("decimals", default="", show_default=False)
    try:
        return replace(
            wish,
            corners=_eight(corners) if corners else wish.corners,
            digits=int(digits) if digits else wish.digits,
            decimals=int(decimals) if decimals else wish.decimals,
        )
    except (ValueError, click.BadParameter) as error:
        click.echo(f"  {error}")
        return wish


def _keep(chosen: _Chosen, profile: str) -> None:
    """Where the configuration names a file it goes there, else the service keeps it."""
    if chosen.meter.profile is not None:
        _write(chosen.meter.profile, profile.encode())
        click.echo(f"kept in {chosen.meter.profile}")
    else:
        click.echo(f"kept in {chosen.ask('keep', profile=profile)['profile']}")


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise PhaselogError(f"{path}: {error.strerror}", "name a place that you may write to") from None


def _try(chosen: _Chosen) -> int:
    """Reads five pictures; 0 if all of them are read, and the same."""
    given = {} if chosen.meter.profile is None else {"profile": chosen.meter.profile.read_text(encoding="utf-8")}
    texts = []
    for number in range(1, TRIED + 1):
        try:
            (seen, *_) = chosen.ask("read", frames=1, seconds=30, **given)["registers"].values()
        except (DeviceError, ValueError) as error:
            click.echo(f"  picture {number}: {error}")
            continue
        said = seen["text"] if seen["refused"] is None else f"refused: {seen['refused']}"
        click.echo(f"  picture {number}: {said}")
        texts += [seen["text"]] if seen["refused"] is None else []
    click.echo(f"{len(texts)} of {TRIED} pictures were read")
    return 0 if len(texts) == TRIED else DeviceError.exit_code


@camera.command()
@click.argument("meter")
@config_argument
@click.confirmation_option(prompt="Another meter hangs there now, and its display starts anywhere?")
def swap(meter: str, config: Path | None) -> None:
    """Say that METER was exchanged: what its display shows next counts at once."""
    _Chosen.of(config, meter).ask("swap")
    click.echo(f"{meter}: the next reading is that of another meter")


@camera.command()
@click.argument("meter")
@config_argument
@click.option("--doubted", is_flag=True, help="Only those that were refused or cannot be.")
@json_option
def pictures(meter: str, config: Path | None, doubted: bool, as_json: bool) -> None:
    """List METER's pictures, the newest first: what was read, and why it does not count."""
    found = [one for one in _Chosen.of(config, meter).ask("pictures")["pictures"] if not doubted or _doubt(one)]
    if as_json:
        click.echo(json.dumps(found))
        return
    rows = [(one["picture"], one.get("text") or MISSING, _doubt(one) or "", one.get("label") or "") for one in found]
    click.echo("\n".join(aligned([("picture", "read", "doubt", "label"), *rows])))


def _doubt(one: Mapping[str, Any]) -> str | None:
    return one.get("implausible") or one.get("refused")


@camera.command()
@click.argument("meter")
@click.argument("picture")
@config_argument
@click.option("--out", type=click.Path(path_type=Path), help="Where to write it; default: PICTURE.jpg.")
def picture(meter: str, picture: str, config: Path | None, out: Path | None) -> None:
    """Write one PICTURE of METER into a file."""
    content = base64.b64decode(_Chosen.of(config, meter).ask("picture", picture=picture)["content"])
    out = out or Path(picture + (".png" if content.startswith(b"\x89PNG") else ".jpg"))
    _write(out, content)
    click.echo(str(out))


@camera.command()
@click.argument("meter")
@click.argument("picture")
@click.argument("text")
@config_argument
def label(meter: str, picture: str, text: str, config: Path | None) -> None:
    """Say what PICTURE of METER really shows: TEXT, as it stands on the display."""
    _Chosen.of(config, meter).ask("label", picture=picture, text=text)
    click.echo(f"{picture}: {text}")


COMMANDS = (camera,)
