"""Reads labelled photos in each of the ways they are read in life: place known, nothing known, fixed camera."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from ocr import picture
from ocr.bench.labels import Label
from ocr.calibrate import Wish, propose
from ocr.outcome import Outcome
from ocr.picture import Picture
from ocr.profile import Leading, Profile
from ocr.reader import Reader, View


@dataclass(frozen=True, slots=True)
class Result:
    """One number read once."""

    mode: str
    label: Label
    outcome: Outcome
    #: Milliseconds of one core; the clock on the wall also measures what else runs here.
    ms: float = 0.0
    #: Other numbers in the same photo, where nobody told which of them to read.
    others: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """What was seen is what is labelled, to the last digit and with its point, believed or not."""
        return self.outcome.text in (self.label.reading, *self.others)

    @property
    def digits_agree(self) -> bool:
        """All digits are as labelled; the point may stand elsewhere."""
        seen = (self.outcome.text or "").replace(".", "")
        return seen in {reading.replace(".", "") for reading in (self.label.reading, *self.others)}

    @property
    def right(self) -> bool:
        """Believed, and rightly so."""
        return self.outcome.refused is None and self.agrees

    @property
    def wrong(self) -> bool:
        """Believed, and not what the display shows."""
        return self.outcome.refused is None and not self.agrees


def read(reader: Reader, seen: Picture, view: View) -> tuple[Outcome, float]:
    """What came of a picture, and the time that it took."""
    began = time.process_time()
    outcome = reader.read(seen, view)
    ms = (time.process_time() - began) * 1000
    # Hundreds of kept strips would be taken for the reader's memory.
    return replace(outcome, strip=None), ms


def calibrated(reader: Reader, labels: Sequence[Label]) -> Iterator[Result]:
    """Place, number of digits and decimals are given."""
    for label in labels:
        seen = picture.load(label.path)
        view = View(label.corners(seen), len(label.digits), label.decimals)
        yield Result("calibrated", label, *read(reader, seen, view))


def blind(reader: Reader, labels: Sequence[Label]) -> Iterator[Result]:
    """Nothing is given but the photo."""
    for path, group in groupby(sorted(labels, key=_path), key=_path):
        first, *rest = group
        others = tuple(label.reading for label in rest)
        yield Result("blind", first, *read(reader, picture.load(path), View()), others)


def series(reader: Reader, labels: Sequence[Label]) -> Iterator[Result]:
    """A profile made from the first photo of a fixed camera reads all others."""
    fixed = [label for label in labels if label.fixed_camera]
    for _, group in groupby(fixed, key=lambda label: label.source):
        of_one_camera = list(group)
        profile = _profile(reader, of_one_camera)
        for label in of_one_camera[1:]:
            yield Result("series", label, *read(reader, picture.load(label.path), View(profile=profile)))


def _profile(reader: Reader, labels: Sequence[Label]) -> Profile | None:
    """With what a person tells who stands before the display: where it is, and how many places it has."""
    first = labels[0]
    seen = picture.load(first.path)
    counts = {len(label.digits) for label in labels}
    leading: Leading = "blanks" if len(counts) > 1 else "zeros"
    return propose(reader, seen, Wish(first.corners(seen), max(counts), first.decimals, leading)).profile


def _path(label: Label) -> Path:
    return label.path


Mode = Callable[[Reader, Sequence[Label]], Iterator[Result]]
MODES: dict[str, Mode] = {"calibrated": calibrated, "blind": blind, "series": series}
