"""Watches the alert rules: `phaselog alert`."""

from __future__ import annotations

from pathlib import Path

import click

from collector.cli.options import config_argument, load_settings
from collector.cli.running import start_logging


@click.command()
@config_argument
def alert(config: Path | None) -> int:
    """Watch the alert rules and send messages until SIGTERM or Ctrl-C."""
    start_logging()
    settings = load_settings(config)
    from collector import service
    from collector.doctor.page_doctor import PageDoctor

    return service.alert(settings, PageDoctor(settings))


COMMANDS = (alert,)
