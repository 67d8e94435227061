"""Computes what stored series mean: `phaselog insight`."""

from __future__ import annotations

from pathlib import Path

import click

from collector.cli.options import config_argument, load_settings
from collector.cli.running import start_logging


@click.command()
@config_argument
def insight(config: Path | None) -> None:
    """Compute energy, cost and forecasts from what is stored (what the timer runs every 15 minutes)."""
    start_logging()
    settings = load_settings(config)
    from collector import service

    waiting = service.compute_insights(settings)
    if waiting:
        click.echo("not all days are computed yet: the next run goes on with them")


COMMANDS = (insight,)
