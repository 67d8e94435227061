"""Gathers the commands, and turns every ending into an exit code and at most a few lines for the person."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Sequence

import click
from click.exceptions import Exit

from collector import __version__
from collector.cli import (
    accounts,
    alerts,
    cameras,
    capturing,
    checking,
    clocks,
    database,
    exporting,
    health,
    insights,
    keeping,
    listing,
    planning,
    reading,
    running,
    searching,
    simulating,
    trial,
)
from collector.cli.complaint import complain, complain_of_defect, complain_of_usage

#: Ended by Ctrl-C, as shells count it: 128 + SIGINT.
INTERRUPTED = 130
#: The reader of our output went away: 128 + SIGPIPE.
BROKEN_PIPE = 141


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="phaselog")
@click.option("--debug", is_flag=True, help="Log everything, and show the traceback of an error.")
@click.pass_context
def phaselog(context: click.Context, debug: bool) -> None:
    """Logs electricity meters for years: every reading there, and true.

    CONFIG is the configuration file; where it is left out, $PHASELOG_CONFIG, else /etc/phaselog/phaselog.toml.
    """
    context.color = False if os.environ.get("NO_COLOR") else None
    if debug:
        logging.basicConfig(level=logging.DEBUG, format="%(asctime)s %(name)s: %(message)s", stream=sys.stderr)


_ROOMS = (
    running, trial, checking, planning, reading, searching, listing, database, insights, alerts, exporting, keeping,
    clocks, cameras, health, accounts,
)  # fmt: skip
for room in (*_ROOMS, capturing, simulating):
    for command in room.COMMANDS:
        phaselog.add_command(command)


def main() -> None:
    """The console script."""
    sys.exit(ended(sys.argv[1:]))


def ended(arguments: Sequence[str]) -> int:
    """Runs one command line and returns its exit code; errors are told on stderr, never as a traceback."""
    try:
        return _outcome(list(arguments))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Python flushes stdout once more at exit; that must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE


def _outcome(arguments: list[str]) -> int:
    debug = "--debug" in arguments
    try:
        with phaselog.make_context("phaselog", arguments) as context:
            result = phaselog.invoke(context)
            sys.stdout.flush()
            return int(result or 0)
    except Exit as leave:
        return leave.exit_code
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        return complain_of_usage(error)
    except BrokenPipeError:
        raise
    except Exception as error:
        if debug:
            traceback.print_exc()
        return complain(error) or complain_of_defect(error)
