"""Shows the whole path here and now: a simulated PAC3100, the collector and the page, started and ended together."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import click

from collector.cli.household import Household, Trial
from collector.cli.table import aligned
from collector.config.duration import seconds
from collector.errors import UsageError

#: A healthy start shows values well before this, s.
FIRST_VALUES = 60.0


def _duration(context: click.Context, parameter: click.Parameter, value: str | None) -> float | None:
    try:
        return seconds(value) if value else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command("try")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Port of the page.")
@click.option("--for", "length", callback=_duration, help='End by itself after this time, for example "30s".')
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".try"),
    show_default=True,
    help="Where the configuration and the database go.",
)
def trial(port: int, length: float | None, folder: Path) -> None:
    """Try it without a meter: simulated PAC3100, collector and page; Ctrl-C ends all of it."""
    plan = Trial(folder.absolute(), port)
    plan.prepare()
    with Household(plan) as household, suppress(KeyboardInterrupt):
        began = time.monotonic()
        household.start()
        _wait_for_values(household, plan, began)
        _tell(plan, length)
        end = began + length if length else float("inf")
        while time.monotonic() < end:
            household.watch()
            time.sleep(0.2)
    click.echo("ended: everything that was started is stopped")


def _wait_for_values(household: Household, plan: Trial, began: float) -> None:
    while not plan.first_values():
        household.watch()
        if time.monotonic() - began > FIRST_VALUES:
            raise UsageError(f"no value arrived within {FIRST_VALUES:.0f} s", f"look into {plan.folder}/*.log")
        time.sleep(0.1)
    click.echo(f"first values after {time.monotonic() - began:.1f} s")


def _tell(plan: Trial, length: float | None) -> None:
    code = plan.code()
    rows = [
        ("page", f"http://127.0.0.1:{plan.port}"),
        ("login", f"one-time code {code}" if code else "as you set it"),
        ("values", f"phaselog read {plan.config}"),
        ("database", f"sqlite3 {plan.database} .tables"),
        ("config", str(plan.config)),
        ("logs", f"{plan.folder}/*.log"),
    ]
    click.echo("\n" + "\n".join("  " + line for line in aligned(rows)) + "\n")
    click.echo(f"ends by itself after {length:g} s" if length else "Ctrl-C ends everything")


COMMANDS = (trial,)
