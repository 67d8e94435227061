"""Watches the alert rules: `phaselog alert`."""

from __future__ import annotations

from pathlib import Path

import click

from collector.cli.options import config_argument, load_settings
from collector.cli.running import start_logging
from collector.insight.alerts.notice import English, Tongue


@click.command()
@config_argument
def alert(config: Path | None) -> int:
    """Watch the alert rules and send messages until SIGTERM or Ctrl-C."""
    start_logging()
    settings = load_settings(config)
    from collector import service
    from collector.doctor.page_doctor import PageDoctor

    return service.alert(settings, PageDoctor(settings), _tongue(settings.alerting.language))


def _tongue(code: str) -> Tongue:
    """The language of messages; catalogues cost memory that English needs not pay."""
    if code == "en":
        return English()
    from collector.web.alert_words import Tongue as Translated

    return Translated(code)


COMMANDS = (alert,)
