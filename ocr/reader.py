"""Reads a picture: finds the display, straightens it, recognises the digits, and judges what came of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ocr import corners
from ocr.corners import Corners
from ocr.judge import quality, verdict
from ocr.judge.reasons import Reason
from ocr.locate import Locator
from ocr.outcome import Outcome, Seen
from ocr.picture import Picture, Pixels
from ocr.profile import Profile
from ocr.recognise import Recogniser
from ocr.straighten import align
from ocr.straighten.strip import to_strip

#: What surrounds a display changes with light and reflections, but not more than so.
FITS = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What is known of a picture before it is read; nothing known: the display is looked for."""

    corners: Corners | None = None
    digits: int | None = None
    decimals: int | None = None
    profile: Profile | None = None


class Reader:
    """Holds the networks, which take longer to load than to use."""

    def __init__(self) -> None:
        self._recogniser = Recogniser()
        self._locator = Locator()

    def read(self, picture: Picture, view: View) -> Outcome:
        """The reading of one picture, or the reason why there is none."""
        began = time.perf_counter()
        if view.profile is not None:
            outcome = self._by_profile(picture, view.profile)
        elif view.corners is not None:
            corners.check(view.corners, picture)
            outcome = self._at(picture, view.corners, view, _least(view.digits))
        else:
            outcome = self._anywhere(picture, view)
        return replace(outcome, ms=(time.perf_counter() - began) * 1000)

    def _by_profile(self, picture: Picture, profile: Profile) -> Outcome:
        found = align.align(picture, profile)
        if found is None or found.correlation < FITS:
            return Outcome(refused=Reason.MOVED)
        blanks = profile.leading == "blanks"
        view = View(digits=None if blanks else profile.digits, decimals=profile.decimals)
        outcome = self._at(picture, found.corners, view, verdict.SURE)
        if blanks and outcome.refused is None and not profile.decimals < len(outcome.digits) <= profile.digits:
            return replace(outcome, refused=Reason.DIGIT_COUNT)
        return outcome

    def _anywhere(self, picture: Picture, view: View) -> Outcome:
        """The best of the places that look like a display."""
        places = self._locator.find(picture.pixels)
        outcomes = [
            self._at(
                picture, np.array(place.quad, np.float32) / np.float32(picture.scale), view, verdict.SURE_PLACE_UNKNOWN
            )
            for place in places
        ]
        return _best(outcomes) if outcomes else Outcome(refused=Reason.NO_DISPLAY)

    def _at(self, picture: Picture, place: Corners, view: View, least: float) -> Outcome:
        strip = to_strip(picture, place)
        seen = self._recogniser.read(strip, digits=view.digits, decimals=view.decimals)
        turned = 0.0
        if seen.confidence < least:
            turned = self._recogniser.read(_turned(strip), digits=view.digits, decimals=view.decimals).confidence
        wide = strip.shape[1]
        digits = tuple(Seen(one.value, one.confidence, one.left / wide, one.right / wide) for one in seen.digits)
        measured = quality.measure(strip, [(digit.left, digit.right) for digit in digits], corners.sides(place)[1])
        evidence = verdict.Evidence(measured, len(digits), seen.confidence, least, view.digits, seen.counted, turned)
        return Outcome(
            text=seen.text or None,
            confidence=seen.confidence,
            digits=digits,
            alternatives=tuple(seen.alternatives),
            refused=verdict.judge(evidence),
            corners=place,
            strip=strip,
        )


def _least(digits: int | None) -> float:
    return verdict.SURE if digits is not None else verdict.SURE_COUNT_UNKNOWN


def _turned(strip: Pixels) -> Pixels:
    return np.asarray(cv2.rotate(strip, cv2.ROTATE_180), np.uint8)


def _best(outcomes: Sequence[Outcome]) -> Outcome:
    """The one that is believed; two that are believed and differ are one too many."""
    believed = [outcome for outcome in outcomes if outcome.refused is None]
    if not believed:
        return max(outcomes, key=lambda outcome: outcome.confidence)
    first = max(believed, key=lambda outcome: outcome.confidence)
    if any(outcome.text != first.text for outcome in believed):
        return replace(first, refused=Reason.SEVERAL)
    return first
