"""`python -m ocr serve`: answers over a unix socket until nobody has asked for a while."""

from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path

from ocr.errors import RequestError
from ocr.service.answering import Answering
from ocr.service.server import listening, serve


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = commands.add_parser("serve", help="read displays for the collector", description=__doc__)
    parser.add_argument("--socket", type=Path, help="where to listen, unless systemd hands a socket over")
    parser.add_argument("--state", type=Path, help="folder for profiles and pictures; default: $STATE_DIRECTORY")
    parser.add_argument("--idle", type=float, default=60.0, help="seconds without a question until it ends (60)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Answers; raises OcrError where it cannot listen."""
    state = options.state or os.environ.get("STATE_DIRECTORY")
    if state is None:
        raise RequestError("no folder for profiles and pictures", "name one with --state")
    logging.basicConfig(format="%(name)s: %(message)s")
    with listening(options.socket) as listener:
        serve(listener, Answering(Path(state)).answer, options.idle)
    return 0
