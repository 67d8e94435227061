"""Lists the meter models there are to choose from: `phaselog models`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from collector.cli.options import json_option
from collector.cli.table import aligned
from collector.config.protocols import PROTOCOLS
from collector.model.quantity import QUANTITIES

if TYPE_CHECKING:
    from collector.devices.map import Model


@click.command()
@click.argument("name", required=False)
@json_option
def models(name: str | None, as_json: bool) -> None:
    """List the meter models, or what one of them (NAME) offers."""
    from collector.devices import catalogue

    found = [catalogue.load(each) for each in ((name,) if name else catalogue.names())]
    if as_json:
        click.echo(json.dumps([_data(model) for model in found], ensure_ascii=False))
    elif name:
        click.echo("\n".join(_described(found[0])))
    else:
        click.echo("\n".join(_by_maker(found)))


def _by_maker(models: Sequence[Model]) -> list[str]:
    """One line a model, a blank line between makers."""
    ordered = sorted(models, key=lambda model: (model.maker.lower(), model.name))
    rows = [(model.name, f"{model.maker} {model.title}", model.protocol, _defaults(model), _trust(model))
            for model in ordered]  # fmt: skip
    head, *lines = aligned([("name", "meter", "speaks", "from the factory", ""), *rows])
    told, maker = [click.style(head, bold=True)], ""
    for model, line in zip(ordered, lines, strict=True):
        told += ["", line] if model.maker != maker else [line]
        maker = model.maker
    verified = sum(model.verified for model in models)
    return [*told, "", f"{len(models)} models, {verified} of them verified: two independent sources agree"]


def _defaults(model: Model) -> str:
    protocol = PROTOCOLS[model.protocol]
    unit = f"unit {model.unit}, " if protocol.address == "unit" else ""
    return f"{unit}{model.baud} {model.frame}" if protocol.carrier == "wire" else protocol.carrier


def _trust(model: Model) -> str:
    return "" if model.verified else "unverified: one source only"


def _data(model: Model) -> dict[str, Any]:
    return {
        "name": model.name,
        "maker": model.maker,
        "title": model.title,
        "protocol": model.protocol,
        "unit": model.unit,
        "baud": model.baud,
        "frame": model.frame,
        "verified": model.verified,
        "quantities": list(model.quantities()),
    }


def _described(model: Model) -> list[str]:
    rows = [(name, QUANTITIES[name].unit, QUANTITIES[name].description) for name in model.quantities()]
    facts = [
        f"{model.maker} {model.title} ({model.protocol})",
        f"from the factory: {_defaults(model)}",
        _trust(model),
        model.note,
    ]
    end = [f"sources: {'; '.join(model.sources)}"] if model.sources else []
    return [click.style(model.name, bold=True), *filter(None, facts), *aligned(rows), *end]


COMMANDS = (models,)
