"""Reads labels: one row for each number in a photo, with where it is and what it says."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ocr import corners
from ocr.corners import Corners
from ocr.errors import RequestError
from ocr.picture import Picture


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """One number in one photo; without a place the whole picture is the display."""

    source: str
    path: Path
    reading: str
    fixed_camera: bool
    quality: str
    place: Corners | None

    @property
    def digits(self) -> str:
        """The digits without their point."""
        return self.reading.replace(".", "")

    @property
    def decimals(self) -> int:
        """How many of them stand behind the point."""
        return len(self.reading.partition(".")[2])

    def corners(self, picture: Picture) -> Corners:
        """Where the number is."""
        return corners.of_whole(picture) if self.place is None else self.place


def load(path: Path) -> list[Label]:
    """The rows of a labels file; pictures lie beside it."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [_label(path, number, row) for number, row in enumerate(csv.DictReader(file), start=2)]
    except OSError as error:
        raise RequestError(f"{path}: {error.strerror or error}") from None
    except (UnicodeDecodeError, csv.Error):
        raise RequestError(f"{path}: not a CSV file") from None


def _label(path: Path, number: int, row: dict[str, str]) -> Label:
    try:
        reading = row["reading"].strip().replace(",", ".")
        if not reading.replace(".", "", 1).isdecimal():
            raise ValueError(f"the reading {reading!r} is no number")
        return Label(
            source=path.resolve().parent.name,
            path=path.parent / row["file"],
            reading=reading,
            fixed_camera=(row.get("fixed_camera") or "").strip() == "1",
            quality=(row.get("quality") or "").strip() or "ok",
            place=_place(row),
        )
    except KeyError as error:
        raise RequestError(f"{path}: the column {error} is missing") from None
    except ValueError as error:
        raise RequestError(f"{path}: line {number}: {error}") from None


def _place(row: dict[str, str]) -> Corners | None:
    if quad := (row.get("roi_quad") or "").strip():
        return np.array([float(side) for side in quad.replace(",", " ").split()], np.float32).reshape(4, 2)
    if box := (row.get("roi_xywh") or "").strip():
        x, y, width, height = (float(side) for side in box.split())
        return corners.of_box(x, y, width, height)
    return None
