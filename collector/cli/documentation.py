"""Writes docs/reference/cli.md from the commands themselves: `python -m collector.cli.documentation`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from collector.cli.complaint import DEFECT
from collector.cli.frame import BROKEN_PIPE, INTERRUPTED, phaselog
from collector.errors import (
    ConfigError,
    DeviceError,
    OutletError,
    PhaselogError,
    SpoolError,
    StoreError,
    UsageError,
)

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"

_HEAD = """# Commands

`phaselog COMMAND`, or `python -m collector COMMAND`. CONFIG may be left out everywhere: then it is `$PHASELOG_CONFIG`,
else `/etc/phaselog/phaselog.toml`. What a program may want is printed with `--json`. Colour appears on a terminal only,
and never with `NO_COLOR` set. An error is one line `error: ...` on stderr and, where there is one, a line `hint: ...`.
This page is made by `python -m collector.cli.documentation`.
"""


#: Every exit code and what it means.
EXIT_CODES = {
    0: "All is well.",
    PhaselogError.exit_code: "Something is wrong that a person can mend; `doctor` found something wrong.",
    ConfigError.exit_code: "The configuration is wrong (every mistake is told), or the command line is.",
    DeviceError.exit_code: "A meter or its line: no such port, busy, no permission, no answer, a bad answer, refused.",
    StoreError.exit_code: "The database: not reachable, refusing, or its schema is not current.",
    SpoolError.exit_code: "Neither database nor disk can take readings.",
    UsageError.exit_code: "The command cannot be done like this: port of the page taken, unknown meter.",
    OutletError.exit_code: "A mail server or a web address did not take what was sent to it.",
    DEFECT: "A defect of Phaselog itself; please report it.",
    INTERRUPTED: "Ended by Ctrl-C.",
    BROKEN_PIPE: "The program that reads the output ended first.",
}


def _commands(group: click.Group, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    for name in group.list_commands(context):
        command = group.commands[name]
        inner = click.Context(command, info_name=name, parent=context, max_content_width=100, terminal_width=100)
        if isinstance(command, click.Group):
            yield from _commands(command, inner)
        else:
            yield command, inner


def markdown() -> str:
    """The whole page."""
    parts = [_HEAD, "## Exit codes\n", "| code | meaning |\n|---|---|"]
    parts += [f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items()]
    top = click.Context(phaselog, info_name="phaselog", help_option_names=["-h", "--help"])
    for command, context in _commands(phaselog, top):
        parts.append(f"\n## {context.command_path}\n\n```\n{command.get_help(context)}\n```")
    return "\n".join(parts) + "\n"


def main() -> None:
    """Writes the page."""
    PAGE.write_text(markdown(), encoding="utf-8")


if __name__ == "__main__":
    main()
