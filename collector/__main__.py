"""Runs the command line: `python -m collector` is the same as `phaselog`."""

from collector.cli import main

main()
