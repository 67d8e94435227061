"""`python -m ocr bench`: right, refused and wrong over labelled photos."""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

from ocr.bench import labels, report
from ocr.bench.modes import MODES, Result
from ocr.bench.peers import peers
from ocr.bench.rendered import rendered
from ocr.bench.robust import robust
from ocr.bench.spoilt import spoilt
from ocr.reader import Reader

#: Of the dice that choose a sample.
SEED = 5


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = commands.add_parser("bench", help="measure readings of labelled photos", description=__doc__)
    parser.add_argument(
        "labels", nargs="*", type=Path, metavar="LABELS.csv", help="columns file, reading, roi_quad ..."
    )
    parser.add_argument("--mode", choices=list(MODES), action="append", help="only this one; may be given again")
    parser.add_argument("--sample", type=int, metavar="N", help="only so many numbers, always the same ones")
    parser.add_argument("--robust", action="store_true", help="read each good photo again under worse conditions")
    parser.add_argument(
        "--spoilt", action="store_true", help="read each good photo again so spoilt that none is to be believed"
    )
    parser.add_argument("--rendered", type=int, default=0, metavar="N", help="read so many of our own renderings, too")
    parser.add_argument("--peers", action="store_true", help="ask ssocr and tesseract the same, where installed")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the figures."""
    rows = [label for path in options.labels for label in labels.load(path)]
    if options.sample and options.sample < len(rows):
        rows = random.Random(SEED).sample(rows, options.sample)
    reader = Reader()
    results: list[Result] = []
    for mode in options.mode or MODES:
        results += MODES[mode](reader, rows)
    if options.rendered:
        results += rendered(reader, options.rendered)
    if options.robust:
        results += robust(reader, rows)
    if options.spoilt:
        results += spoilt(reader, rows)
    if options.peers:
        results += peers(rows)
    sums = report.figures(results)
    print(json.dumps(sums) if options.json else "\n".join(report.table(sums)))
    return 0
