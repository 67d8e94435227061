"""Says what went wrong and what to do about it, in two lines on stderr."""

from __future__ import annotations

import os

import click

from collector.errors import ConfigError, PhaselogError

#: A defect of Phaselog itself (EX_SOFTWARE of sysexits.h).
DEFECT = 70
#: The command line cannot be understood; shells and click use 2 for it.
COMMAND_LINE = 2


def _say(word: str, text: str, colour: str) -> None:
    plain = False if os.environ.get("NO_COLOR") else None
    click.echo(f"{click.style(word, fg=colour, bold=True)}: {text}", err=True, color=plain)


def say_error(text: str) -> None:
    """One line that begins with `error:`."""
    _say("error", text, "red")


def say_hint(text: str) -> None:
    """One line that begins with `hint:`; nothing if there is no hint."""
    if text:
        _say("hint", text, "cyan")


def say_warning(text: str) -> None:
    """One line that begins with `warning:`."""
    _say("warning", text, "yellow")


def complain(error: Exception) -> int:
    """Tells an error that a person can mend and returns its exit code; 0 if it is none of those."""
    if not isinstance(error, PhaselogError):
        return 0
    say_error(str(error))
    if isinstance(error, ConfigError):
        for mistake in error.mistakes:
            click.echo(f"  {mistake}", err=True)
            if mistake.hint:
                click.echo(f"    hint: {mistake.hint}", err=True)
    say_hint(error.hint)
    return error.exit_code


def complain_of_usage(error: click.ClickException) -> int:
    """The command line itself is wrong."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return COMMAND_LINE
    say_error(error.format_message())
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context:
        say_hint(f"{context.command_path} --help")
    return COMMAND_LINE


def complain_of_defect(error: Exception) -> int:
    """Something that must not happen: named as what it is, so that it gets reported."""
    say_error(f"a defect in Phaselog: {type(error).__name__}: {error}")
    say_hint("run it again as `phaselog --debug ...` and report what it prints, with `phaselog report`")
    return DEFECT
