"""Starts what stays: the collector (`run`) and the status page (`page`)."""

from __future__ import annotations

import logging
import os
import sys
from functools import partial
from pathlib import Path

import click

from collector.cli.complaint import say_warning
from collector.cli.options import config_argument, load_settings
from collector.config.places import runtime_directory


def start_logging() -> None:
    """Log lines on stderr; the journal adds the time itself. `--debug` has begun already, and says more."""
    journal = "JOURNAL_STREAM" in os.environ
    shape = "%(levelname)s: %(message)s" if journal else "%(asctime)s %(levelname)s %(message)s"
    logging.basicConfig(level=logging.INFO, format=shape, stream=sys.stderr)


@click.command()
@config_argument
def run(config: Path | None) -> int:
    """Run the collector until SIGTERM or Ctrl-C."""
    start_logging()
    settings = load_settings(config)
    from collector import service

    return service.run(settings)


@click.command()
@config_argument
@click.option("--host", help="Address to listen on, instead of the configured one.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on, instead of the configured one.")
def page(config: Path | None, host: str | None, port: int | None) -> int:
    """Serve the status page until SIGTERM or Ctrl-C."""
    start_logging()
    settings = load_settings(config)
    from collector.doctor.page_doctor import PageDoctor
    from collector.store.factory import open_accounts, open_alert_desk, open_reader
    from collector.web.app import create_app
    from collector.web.serve import serve
    from collector.web.site import Stores

    stores = Stores(
        partial(open_reader, settings.store, settings.site),
        partial(open_accounts, settings.store),
        partial(open_alert_desk, settings.store),
    )
    app = create_app(settings, stores, runtime_directory(settings.path), PageDoctor(settings))
    where = host or settings.page.host
    if where not in ("127.0.0.1", "::1", "localhost"):
        say_warning(f"the page listens on {where}: everybody on this network can see it")
    serve(app, where, port or settings.page.port)
    return 0


COMMANDS = (run, page)
