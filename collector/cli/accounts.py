"""Lets people in who have no password yet, or forgot it: `phaselog user code`, `phaselog user list`."""

from __future__ import annotations

import json
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from collector.cli.options import config_argument, json_option, load_settings
from collector.cli.table import aligned
from collector.model.account import Role, hashed, new_code, typed_code

#: How long a code may lie about, ms.
VALID = 7 * 86_400_000


@click.group()
def user() -> None:
    """Who may change something at the page."""


@user.command()
@config_argument
@click.option(
    "--role", type=click.Choice(["viewer", "admin"]), default="admin", show_default=True, help="Role it gives."
)
@click.option("--if-needed", is_flag=True, help="Do nothing when there is an admin already.")
def code(config: Path | None, role: str, if_needed: bool) -> None:
    """Print a one-time code with which a password is set at the page; it replaces an earlier one.

    It is good for seven days. The name that is typed beside it becomes a user, or gets the new password.
    """
    settings = load_settings(config)
    from collector.store.factory import open_accounts

    with closing(open_accounts(settings.store)) as accounts:
        if if_needed and any(each.role is Role.ADMIN for each in accounts.users()):
            return
        made = new_code()
        accounts.put_code(hashed(typed_code(made)), Role[role.upper()], int(time.time() * 1000) + VALID)
    click.echo(made)


@user.command("list")
@config_argument
@json_option
def list_(config: Path | None, as_json: bool) -> None:
    """List the users of the page and their roles."""
    settings = load_settings(config)
    from collector.store.factory import open_accounts

    with closing(open_accounts(settings.store)) as accounts:
        users = accounts.users()
    if as_json:
        click.echo(json.dumps([{"name": each.name, "role": each.role.word, "created": each.created} for each in users]))
        return
    rows = [(each.name, each.role.word, _day(each.created, settings.site.zone)) for each in users]
    for line in aligned([("name", "role", "since"), *rows]) if rows else ["nobody yet: phaselog user code lets one in"]:
        click.echo(line)


def _day(at: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at / 1000, zone):%Y-%m-%d}"


COMMANDS = (user,)
