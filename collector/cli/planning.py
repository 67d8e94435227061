"""Shows what will be asked on the wire and how much of its time that takes: `phaselog plan`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collector.cli.complaint import say_warning
from collector.cli.options import config_argument, json_option, load_settings
from collector.cli.table import aligned
from collector.config.duration import written
from collector.config.places import state_directory
from collector.config.protocols import PROTOCOLS
from collector.config.settings import LineSettings, MeterSettings, Settings
from collector.errors import UsageError
from collector.sources.owner import describe

if TYPE_CHECKING:
    from collector.sources.plan import Plan, Request

Plans = Mapping[str, "Plan"]


@click.command()
@config_argument
@click.option("--model", help="Instead of CONFIG: one meter of this model, on a line as its factory sets it.")
@json_option
def plan(config: Path | None, model: str | None, as_json: bool) -> None:
    """Show the requests, the milliseconds each takes on the wire, and the limit that physics sets."""
    settings = _from_the_factory(model) if model else load_settings(config)
    plans = _plans(settings)
    if as_json:
        click.echo(json.dumps({"lines": [_line_data(line, settings, plans) for line in settings.lines]}, indent=2))
        return
    for line in settings.lines:
        click.echo("\n".join(_line_text(line, settings, plans)))
    if not settings.meters:
        say_warning(f"no meter is configured in {settings.path}: nothing will be asked")


def _from_the_factory(name: str) -> Settings:
    """A site with one meter of this model; raises UsageError for a model that is not there."""
    from collector.devices import catalogue

    if name not in catalogue.names():
        raise UsageError(f'no model is called "{name}"', "`phaselog models` lists them")
    model = catalogue.load(name)
    line = LineSettings("factory", port="serial", baud=model.baud, frame=model.frame, protocol=model.protocol)
    meter = MeterSettings("meter", name, line.name, unit=model.unit, every=model.every)
    return Settings(Path(name), lines=(line,), meters=(meter,))


def _plans(settings: Settings) -> Plans:
    from collector.devices import catalogue
    from collector.sources.learned import Learned
    from collector.sources.plan import plan as plan_of

    learned = Learned(state_directory(settings.path))
    return {
        meter.name: plan_of(catalogue.load(meter.model), settings.line(meter.line), meter, learned)
        for meter in settings.meters
        if settings.line(meter.line).protocol == "modbus"
    }


def _totals(line: LineSettings, settings: Settings, plans: Plans) -> tuple[float, float]:
    """(share of the line's time, s that everything on it takes once)."""
    mine = [plans[meter.name] for meter in settings.meters_on(line.name) if meter.name in plans]
    return sum(each.utilisation for each in mine), sum(each.physical_limit for each in mine)


def _line_data(line: LineSettings, settings: Settings, plans: Plans) -> dict[str, Any]:
    utilisation, limit = _totals(line, settings, plans)
    meters = [
        {
            "name": meter.name,
            "unit": meter.unit,
            "requests": [_request_data(request) for request in plans[meter.name].requests],
        }
        for meter in settings.meters_on(line.name)
        if meter.name in plans
    ]
    return {
        "name": line.name,
        "utilisation": round(utilisation, 6),
        "physical_limit_s": round(limit, 6),
        "meters": meters,
    }


def _request_data(request: Request) -> dict[str, Any]:
    return {
        "function": request.function,
        "address": request.address,
        "count": request.count,
        "milliseconds": round(request.milliseconds, 3),
        "period_s": request.period,
        "quantities": list(request.quantities),
    }


def _line_text(line: LineSettings, settings: Settings, plans: Plans) -> Sequence[str]:
    if line.protocol != "modbus":
        return [_title(line), f"  {_without_plan(line)}", ""]
    head = [("meter", "FC", "address", "registers", "ms", "every", "quantities")]
    rows = [
        (
            meter.name,
            f"{request.function:02d}",
            str(request.address),
            str(request.count),
            f"{request.milliseconds:.1f}",
            written(request.period),
            _few(request.quantities),
        )
        for meter in settings.meters_on(line.name)
        for request in plans[meter.name].requests
    ]
    utilisation, limit = _totals(line, settings, plans)
    end = f"  the wire is busy {utilisation:.1%} of the time; no period can be shorter than {limit * 1000:.0f} ms"
    if utilisation > 1:
        end += "\n  TOO MUCH: readings will be left out; read less often, or use a second line"
    return [_title(line), *("  " + row for row in aligned([*head, *rows], frozenset({2, 3, 4}))), end, ""]


def _title(line: LineSettings) -> str:
    return click.style(f"line {line.name}", bold=True) + f"  {describe(line)}"


def _without_plan(line: LineSettings) -> str:
    if PROTOCOLS[line.protocol].speaks:
        return f"its meters speak {line.protocol} by themselves: nothing is asked"
    return f"its meters speak {line.protocol} and say what they have: how much that is, only they know"


def _few(names: Sequence[str]) -> str:
    if len(names) <= 3:
        return ", ".join(names)
    return f"{names[0]} ... {names[-1]} ({len(names)})"


COMMANDS = (plan,)
