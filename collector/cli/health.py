"""Says how the logger is, and packs what somebody needs who helps from afar: `phaselog doctor`, `phaselog report`."""

from __future__ import annotations

import json
import time
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
    """Check everything a running logger needs; exit code 1 when something is wrong."""
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
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write; default: here, by date."
)
def report(config: Path | None, output: Path | None) -> None:
    """Pack a support bundle: versions, configuration, status, logs; secrets and addresses are removed."""
    from collector.doctor.bundle import write_bundle

    target = output or Path(f"phaselog-report-{time.strftime('%Y%m%d-%H%M%S')}.tar.gz")
    for name in write_bundle(config_path(config), target):
        click.echo(f"  {name}")
    click.echo(f"written: {target}  (look into it before you send it)")


COMMANDS = (doctor, report)
