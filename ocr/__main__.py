"""Parses what was typed after `python -m ocr`, delegates, and turns errors into two lines and an exit code."""

from __future__ import annotations

import argparse
import os
import sys

import cv2

from ocr.commands import bench, calibrate, read, serve, simulate
from ocr.errors import OcrError

COMMANDS = (read, calibrate, bench, serve, simulate)


def main(arguments: list[str] | None = None) -> int:
    """0: done; 1: a file was no picture; 2: what was asked for makes no sense."""
    parser = argparse.ArgumentParser(prog="python -m ocr", description="Reads seven-segment displays from pictures.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    options = parser.parse_args(arguments)
    # One thread is as fast for pictures of this size, and leaves a small machine its other cores.
    cv2.setNumThreads(1)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        return int(options.run(options))
    except OcrError as error:
        print(f"error: {error}", *([f"hint: {error.hint}"] if error.hint else []), sep="\n", file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main())
