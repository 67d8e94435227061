"""`python -m ocr simulate`: fills a folder with pictures of a made-up meter, as a network camera would."""

from __future__ import annotations

import argparse
import os
import time
from itertools import count
from pathlib import Path

import cv2

from ocr.errors import OcrError
from ocr.simulator.meter_face import draw

#: Pictures that are left in the folder.
_KEPT = 5
_DIGITS, _DECIMALS = 8, 1


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = commands.add_parser("simulate", help="draw pictures of a made-up meter", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two pictures (5)")
    parser.add_argument("--start", type=float, default=12_345.6, help="kWh that it shows at first (12345.6)")
    parser.add_argument("--power", type=float, default=2000.0, help="W that it measures (2000)")
    parser.add_argument("--codes", nargs="*", default=[], help="registers that it shows in turn, like 1.8.0 1.8.1")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Draws until it is ended."""
    began = time.monotonic()
    for number in count():
        kwh = options.start + options.power * (time.monotonic() - began) / 3.6e6
        code = options.codes[number % len(options.codes)] if options.codes else ""
        put(options.folder, kwh, code, number)
        time.sleep(options.every)
    return 0


def put(folder: Path, kwh: float, code: str, seed: int) -> None:
    """One picture more; the oldest go."""
    shown = f"{int(kwh * 10**_DECIMALS) / 10**_DECIMALS:0{_DIGITS + 1}.{_DECIMALS}f}"
    content = cv2.imencode(".jpg", draw(shown, code, seed), [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f".{os.getpid()}.new"
        fresh.write_bytes(content)
        os.replace(fresh, folder / f"meter-{time.time_ns()}.jpg")  # noqa: PTH105
        for old in sorted(folder.glob("meter-*.jpg"))[:-_KEPT]:
            old.unlink()
    except OSError as error:
        raise OcrError(f"{folder}: {error.strerror}", "name a folder that can be written to") from None
