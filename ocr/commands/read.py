"""`python -m ocr read`: one line for each picture."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from ocr import explain, picture, profile
from ocr.commands import asked
from ocr.errors import PictureError, RequestError
from ocr.judge.reasons import Reason
from ocr.outcome import Outcome
from ocr.reader import Reader, View


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = commands.add_parser("read", help="read the number in pictures", description=__doc__)
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help=picture.FORMATS)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--profile", type=Path, metavar="FILE", help="what `calibrate` wrote")
    where.add_argument("--roi", type=asked.roi, metavar="X,Y,W,H", dest="corners", help="the box around the digits")
    where.add_argument("--corners", type=asked.four_corners, metavar="x1,y1,...,x4,y4", dest="corners",
                       help="the corners around the digits, clockwise from the top left")  # fmt: skip
    parser.add_argument("--digits", type=asked.digits, metavar="N", help="how many digits are shown")
    parser.add_argument("--decimals", type=asked.decimals, metavar="N", help="how many of them behind the point")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--explain", type=Path, metavar="OUT.png", help="draw what was seen")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Reads all pictures; 1 where one of the files was no picture."""
    view = _view(options)
    reader = Reader()
    failed = 0
    for image in options.images:
        began = time.perf_counter()
        try:
            opened = picture.load(image)
        except PictureError as error:
            failed = 1
            _print(options, image, Outcome(refused=Reason.UNREADABLE, detail=_sentence(error)))
            continue
        took = (time.perf_counter() - began) * 1000
        outcome = reader.read(opened, view)
        _print(options, image, outcome.after(took))
        if options.explain is not None:
            explain.write(explain.draw(opened, outcome), _drawn(options, image))
    return failed


def _view(options: argparse.Namespace) -> View:
    if options.profile is None:
        asked.check_counts(options.digits, options.decimals)
        return View(options.corners, options.digits, options.decimals)
    if options.digits is not None or options.decimals is not None:
        raise RequestError("the profile already says how many digits there are", "leave --digits and --decimals out")
    return View(profile=profile.load(options.profile))


def _print(options: argparse.Namespace, image: Path, outcome: Outcome) -> None:
    if options.json:
        print(json.dumps(outcome.as_json(str(image))), flush=True)
    elif outcome.refused is None:
        print(f"{image}: {outcome.text}  ({outcome.confidence:.1%} sure, {outcome.ms:.0f} ms)", flush=True)
    else:
        print(f"{image}: refused, {outcome.refused}: {outcome.why}", flush=True)


def _sentence(error: PictureError) -> str:
    return f"{error}; {error.hint}" if error.hint else str(error)


def _drawn(options: argparse.Namespace, image: Path) -> Path:
    """Several pictures are explained in several files."""
    out: Path = options.explain
    return out if len(options.images) == 1 else out.with_name(f"{out.stem}-{image.stem}{out.suffix}")
