"""`python -m ocr.training`: renders, trains, exports; the one command behind the weights in the repository."""

from __future__ import annotations

import argparse
from pathlib import Path

from ocr.training.export import export
from ocr.training.train import train


def main() -> None:
    """Trains for a given time and writes the reader's weights."""
    parser = argparse.ArgumentParser(prog="python -m ocr.training", description=__doc__)
    parser.add_argument("--minutes", type=float, default=70.0, help="how long to train")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=2e-3, help="the highest learning rate")
    parser.add_argument("--start", type=Path, help="checkpoint to go on from")
    parser.add_argument("--checkpoint", type=Path, default=Path("strip.pt"))
    parser.add_argument("--out", type=Path, default=Path("ocr/recognise/strip.onnx"))
    wanted = parser.parse_args()
    train(wanted.checkpoint, minutes=wanted.minutes, seed=wanted.seed, start=wanted.start, rate=wanted.rate)
    export(wanted.checkpoint, wanted.out)


if __name__ == "__main__":
    main()
