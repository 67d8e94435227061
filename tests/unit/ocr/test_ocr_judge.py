"""A reading is believed only when all witnesses agree; the reason names what a person can mend."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from drawn_meters import meter, place

from ocr.judge.quality import Quality, measure
from ocr.judge.reasons import Reason
from ocr.judge.verdict import Evidence, Turned, judge
from ocr.picture import Picture
from ocr.straighten.strip import to_strip

GOOD = Quality(brightest=200, contrast=120, burnt=0.0, edge=0.05, evenness=0.9, height=50)
SURE = Evidence(quality=GOOD, digits=6, confidence=0.999, least=0.98, wanted=6)


def test_a_sure_reading_of_a_good_picture_is_believed():
    assert judge(SURE) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"digits": 0}, Reason.COVERED),
        ({"digits": 5}, Reason.DIGIT_COUNT),
        ({"counted": 0.01}, Reason.DIGIT_COUNT),
        ({"confidence": 0.6}, Reason.UNSURE),
        ({"point": 0.5}, Reason.UNSURE),
        ({"confidence": 0.4, "turned": lambda: Turned(0.999)}, Reason.UPSIDE_DOWN),
        ({"point": 0.02, "pointed": True, "turned": lambda: Turned(0.9991, 0.99)}, Reason.UPSIDE_DOWN),
        ({"confidence": 0.99, "turned": lambda: Turned(0.9999)}, Reason.UPSIDE_DOWN),
    ],
)
def test_one_witness_is_enough_to_refuse(change: dict[str, Any], reason: Reason):
    assert judge(replace(SURE, **change)) is reason


def test_a_number_that_reads_as_well_upside_down_is_believed():
    assert judge(replace(SURE, turned=lambda: Turned(0.9991))) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"brightest": 10}, Reason.TOO_DARK),
        ({"burnt": 0.99}, Reason.OVER_EXPOSED),
        ({"contrast": 3}, Reason.COVERED),
        ({"height": 5}, Reason.TOO_SMALL),
    ],
)
def test_nothing_is_believed_of_a_picture_that_shows_nothing(change: dict[str, Any], reason: Reason):
    assert judge(replace(SURE, quality=replace(GOOD, **change))) is reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"brightest": 30}, Reason.TOO_DARK),
        ({"contrast": 15}, Reason.COVERED),
        ({"burnt": 0.6}, Reason.OVER_EXPOSED),
        ({"burnt": 0.05}, Reason.GLARE),
        ({"edge": 0.3}, Reason.BLURRED),
        ({"evenness": 0.2}, Reason.HALF_LIT),
        ({"height": 10}, Reason.TOO_SMALL),
    ],
)
def test_the_quality_explains_what_is_not_sure_and_refuses_nothing_that_is(change: dict[str, Any], reason: Reason):
    quality = replace(GOOD, **change)
    assert judge(replace(SURE, quality=quality)) is None
    assert judge(replace(SURE, quality=quality, confidence=0.5)) is reason


def quality_of(scene: np.ndarray) -> Quality:
    strip = to_strip(Picture(scene), place("003786.4"))
    boxes = [(0.05 + 0.133 * at, 0.14 + 0.133 * at) for at in range(7)]
    return measure(strip, boxes, strip.shape[0])


def test_what_is_wrong_with_a_picture_shows_in_its_figures():
    scene = meter("003786.4")
    good = quality_of(scene)
    assert good.edge < 0.12
    assert good.evenness > 0.6
    assert good.burnt == 0
    assert quality_of(cv2.GaussianBlur(scene, (0, 0), 9)).edge > 2 * good.edge
    assert quality_of((scene * 0.1).astype(np.uint8)).brightest < 20
    assert quality_of(cv2.convertScaleAbs(scene, alpha=4)).burnt > 0.3
    half = scene.copy()
    half[:, :320] = cv2.addWeighted(scene, 0.08, cv2.blur(scene, (80, 80)), 0.92, 0)[:, :320]
    assert quality_of(half).evenness < 0.4


def test_what_is_known_to_be_upright_is_not_turned():
    assert judge(replace(SURE, confidence=0.99, upright=True, turned=lambda: Turned(0.9999))) is None


def test_a_point_that_is_not_seen_does_not_matter_where_it_is_known():
    assert judge(replace(SURE, point=0.3, pointed=True)) is None
