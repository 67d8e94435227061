"""Asks other free readers the same, where they are installed: ssocr and Tesseract, each as its manual advises."""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2

from ocr import picture
from ocr.bench.labels import Label
from ocr.bench.modes import Result
from ocr.judge.reasons import Reason
from ocr.outcome import Outcome
from ocr.picture import Pixels
from ocr.straighten.strip import to_strip

SECONDS = 20
#: Told how many digits there are; `-T` finds the threshold, -1 stands for any count.
SSOCR = ("ssocr", "-T", "-d")
#: One line of text, of which only this can come.
TESSERACT = ("tesseract", "IMAGE", "-", "--psm", "7", "-c", "tessedit_char_whitelist=0123456789.")


def peers(labels: Sequence[Label]) -> Iterator[Result]:
    """Each label read by each peer, on the straightened display and on the whole photo."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "strip.png"
        for label in labels:
            seen = picture.load(label.path)
            strip = to_strip(seen, label.corners(seen))
            yield from _ask(label, file, strip, "display", len(label.digits))
            yield from _ask(label, file, seen.pixels, "photo", -1)


def _ask(label: Label, file: Path, pixels: Pixels, what: str, digits: int) -> Iterator[Result]:
    cv2.imwrite(str(file), pixels)
    commands = {
        "ssocr": [*SSOCR, str(digits), str(file)],
        "tesseract": [str(file) if word == "IMAGE" else word for word in TESSERACT],
    }
    for name, command in commands.items():
        if shutil.which(name):
            yield Result(f"{name}, {what}", label, *_run(command, label))


def _run(command: Sequence[str], label: Label) -> tuple[Outcome, float]:
    """What a peer prints; points are left out of the judgement, because they leave them out themselves."""
    began = _children()
    try:
        said = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False).stdout  # noqa: S603
    except subprocess.TimeoutExpired:
        said = b""
    digits = re.sub(r"[^0-9]", "", said.decode(errors="replace"))
    text = label.reading if digits == label.digits else digits or None
    refused = None if text else Reason.UNSURE
    return Outcome(text=text, confidence=1.0, refused=refused), (_children() - began) * 1000


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
