"""`python -m ocr.training [recognise|locate]`: renders, trains, exports; what made the weights."""

from __future__ import annotations

import argparse
from pathlib import Path

from ocr.training import export, locate_train, train

CHECKPOINTS = {"recognise": Path("strip.pt"), "locate": Path("lines.pt")}
WEIGHTS = {"recognise": Path("ocr/recognise/strip_2.onnx"), "locate": Path("ocr/locate/lines.onnx")}
RATES = {"recognise": 2e-3, "locate": 3e-3}


def main() -> None:
    """Trains for a given time and writes the weights of the reader, or of the finder of digit lines."""
    parser = argparse.ArgumentParser(prog="python -m ocr.training", description=__doc__)
    parser.add_argument("room", nargs="?", choices=sorted(WEIGHTS), default="recognise", help="whose weights")
    parser.add_argument("--minutes", type=float, default=70.0, help="how long to train")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, help="the highest learning rate")
    parser.add_argument("--start", type=Path, help="checkpoint or exported weights (.onnx) to go on from")
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--out", type=Path)
    wanted = parser.parse_args()
    checkpoint, out = wanted.checkpoint or CHECKPOINTS[wanted.room], wanted.out or WEIGHTS[wanted.room]
    teach, write = (
        (locate_train.train, locate_train.export) if wanted.room == "locate" else (train.train, export.export)
    )
    rate = wanted.rate or RATES[wanted.room]
    teach(checkpoint, minutes=wanted.minutes, seed=wanted.seed, start=wanted.start, rate=rate)
    write(checkpoint, out)


if __name__ == "__main__":
    main()
