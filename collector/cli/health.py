"""Says how the logger is, and packs what somebody needs who helps from afar: `phaselog doctor`, `phaselog report`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.options import config_argument, config_path, json_option

if TYPE_CHECKING:
    from collector.model.finding import Finding

_MARKS = {"fine": ("✓", "green"), "attention": ("!", "yellow"), "wrong": ("✗", "red"), "skipped": ("–", "white")}


@click.command()
@config_argument
@json_option
def doctor(config: Path | None, as_json: bool) -> int:
    """Check everything a running logger needs, one line a check.

    Exit code 0 while all is fine or only needs a look, 1 when something is wrong. With sudo it may look at everything.
    """
    from collector.doctor.examine import examine
    from collector.model.finding import State

    findings = []
    for finding in examine(config_path(config)):
        findings.append(finding)
        if not as_json:
            click.echo(_line(finding))
    if as_json:
        click.echo(json.dumps([each.to_json() for each in findings], ensure_ascii=False))
    return int(any(finding.state is State.WRONG for finding in findings))


def _line(finding: Finding) -> str:
    mark, colour = _MARKS[finding.state.value]
    advice = f"\n    -> {finding.advice}" if finding.advice else ""
    return f"{click.style(mark, fg=colour, bold=True)} {finding.subject}: {finding.seen}{advice}"


@click.command()
@config_argument
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="File to write, - for stdout; default: here, by date.",
)
def report(config: Path | None, output: Path | None) -> None:
    """Pack a support bundle: versions, configuration, status, logs; secrets and addresses are removed.

    It works, with what can be had, also while database, services or configuration are broken.
    """
    from collector.doctor.bundle import collect, packed, put

    texts = []
    for name, text in collect(config_path(config)):
        texts.append((name, text))
        click.echo(f"  {name}", err=True)
    if output == Path("-"):
        sys.stdout.buffer.write(packed(texts))
        return
    written = put(packed(texts), output)
    click.echo(f"written: {written}  (look into it before you send it)")


COMMANDS = (doctor, report)
