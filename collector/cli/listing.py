"""Stub."""

import click

COMMANDS: tuple[click.Command, ...] = ()
