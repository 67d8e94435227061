"""Is the command line: parses what a person typed and delegates; `phaselog` and `python -m collector`."""

from collector.cli.frame import main

__all__ = ["main"]
