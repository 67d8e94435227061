"""Photos of real displays that others made: what is believed of them is right, and enough of them is believed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import pytest

from ocr.bench import labels, modes
from ocr.bench.labels import Label
from ocr.bench.modes import Result
from ocr.reader import Reader

PHOTOS = Path(__file__).parents[3] / "shared/real/ocr"
SEED = 5

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not PHOTOS.is_dir(), reason="the real photos lie beside the project, not in it; they are not here"
    ),
]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(threads)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


@pytest.fixture(scope="module")
def rows() -> list[Label]:
    return [label for path in sorted(PHOTOS.glob("*/labels.csv")) for label in labels.load(path)]


def some(rows: Sequence[Label], count: int, wanted: Callable[[Label], bool]) -> list[Label]:
    chosen = [label for label in rows if wanted(label)]
    return random.Random(SEED).sample(chosen, count)


def told(results: Sequence[Result]) -> list[str]:
    return [f"{one.label.source}/{one.label.path.name}: {one.label.reading}, {one.outcome.text}" for one in results]


def test_with_place_and_count_given_what_is_believed_is_right(reader: Reader, rows: list[Label]):
    chosen = some(rows, 80, lambda label: label.quality == "ok" and not label.fixed_camera)
    results = list(modes.calibrated(reader, chosen))
    wrong = [result for result in results if result.wrong]
    assert len(wrong) <= 0.005 * len(results), told(wrong)
    assert sum(result.right for result in results) >= 0.93 * len(results)


def test_a_fixed_camera_that_was_calibrated_once_reads_all(reader: Reader, rows: list[Label]):
    results = list(modes.series(reader, [label for label in rows if label.fixed_camera]))
    assert len(results) >= 70
    assert not told([result for result in results if not result.right])


def test_with_nothing_given_what_is_believed_is_right(reader: Reader, rows: list[Label]):
    chosen = some(rows, 20, lambda label: label.quality == "ok" and label.source != "renjith_in_meters")
    results = list(modes.blind(reader, chosen))
    assert len([result for result in results if result.wrong]) <= 1, told([r for r in results if r.wrong])
