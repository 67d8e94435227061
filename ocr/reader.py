"""Reads a picture: finds the display, straightens it, recognises the digits, and judges what came of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

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
from ocr.recognise import Recogniser, Recognition
from ocr.straighten import align
from ocr.straighten.strip import to_strip

#: What surrounds a display changes with light and reflections, but not more than so.
FITS: Final = 0.7
#: A place that was found is looked at while it looks so much like a display as the best one.
WORTH_A_LOOK: Final = 0.6
#: A number ends where there is room for another digit, and none stands: so many pitches of a digit.
ROOM: Final = 1.6
WIDENINGS: Final = 3
#: Fewer digits than these are too little to tell a display from what only looks like one.
LEAST_DIGITS: Final = 3
#: One of several numbers is the main one when its digits are so much higher.
HIGHER: Final = 1.3


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
            outcome = self._at(picture, view.corners, view, verdict.SURE)
        else:
            outcome = self._anywhere(picture, view)
        return replace(outcome, ms=(time.perf_counter() - began) * 1000)

    def _by_profile(self, picture: Picture, profile: Profile) -> Outcome:
        found = align.align(picture, profile)
        if found is None or found.correlation < FITS:
            return Outcome(refused=Reason.MOVED)
        blanks = profile.leading == "blanks"
        view = View(digits=None if blanks else profile.digits, decimals=profile.decimals)
        # What surrounds the display has told already which way is up.
        outcome = self._at(picture, found.corners, view, verdict.SURE, upright=profile.surroundings is not None)
        if blanks and outcome.refused is None and not profile.decimals < len(outcome.digits) <= profile.digits:
            return replace(outcome, refused=Reason.DIGIT_COUNT)
        return outcome

    def _anywhere(self, picture: Picture, view: View) -> Outcome:
        """The best of the places that look like a display."""
        places = self._locator.find(picture.pixels)
        worth = [place for place in places if place.score >= WORTH_A_LOOK * places[0].score]
        quads = [np.array(place.quad, np.float32) / np.float32(picture.scale) for place in worth]
        outcomes = [self._to_its_ends(picture, quad, view) for quad in quads]
        return _main(outcomes) if outcomes else Outcome(refused=Reason.NO_DISPLAY)

    def _to_its_ends(self, picture: Picture, place: Corners, view: View) -> Outcome:
        """Reads a place, and wider, until it shows the same: what was found may end within the number."""
        outcome = self._at(picture, place, view, verdict.EACH_LOOK, upright=True)
        for _ in range(WIDENINGS):
            if outcome.confidence < verdict.EACH_LOOK:
                return outcome
            place = _widened(place, outcome, picture.width)
            wider = self._at(picture, place, view, verdict.EACH_LOOK)
            if wider.text == outcome.text:
                return self._counted_again(picture, _agreed(outcome, wider), view)
            outcome = wider
        return replace(outcome, refused=outcome.refused or Reason.UNSURE)

    def _counted_again(self, picture: Picture, outcome: Outcome, view: View) -> Outcome:
        """Looks once more, told how many digits there are: a narrow one at an end is easily overlooked."""
        if outcome.refused is not None or outcome.strip is None or outcome.corners is None:
            return outcome
        told, wanted = self._recogniser.read(outcome.strip, digits=len(outcome.digits)), verdict.COUNTED_FOUND
        if told.counted < wanted and told.count and view.digits is None:
            told, wanted = self._recogniser.read(outcome.strip, digits=told.count), verdict.RECOUNTED
            counted = replace(view, digits=len(told.digits))
            outcome = self._at(picture, outcome.corners, counted, verdict.SURE_PLACE_UNKNOWN)
        same = [digit.value for digit in told.digits] == [digit.value for digit in outcome.digits]
        return (
            outcome if same and told.counted >= wanted else replace(outcome, refused=outcome.refused or Reason.UNSURE)
        )

    def _at(self, picture: Picture, place: Corners, view: View, least: float, upright: bool = False) -> Outcome:
        strip = to_strip(picture, place)
        seen = self._recogniser.read(strip, digits=view.digits, decimals=view.decimals)
        wide = strip.shape[1]
        digits = tuple(Seen(one.value, one.confidence, one.left / wide, one.right / wide) for one in seen.digits)
        measured = quality.measure(strip, [(digit.left, digit.right) for digit in digits], corners.sides(place)[1])
        evidence = verdict.Evidence(
            quality=measured,
            digits=len(digits),
            confidence=seen.confidence,
            least=least,
            wanted=view.digits,
            counted=seen.counted,
            point=1.0 if view.decimals == 0 else seen.point,
            point_wanted=verdict.POINT if "." in seen.text else verdict.NONE_SEEN,
            pointed=view.decimals is not None,
            upright=upright or _pointed(seen, view.decimals),
            turned=lambda: self._turned(strip, view),
        )
        return Outcome(
            text=seen.text or None,
            confidence=seen.confidence,
            digits=digits,
            alternatives=tuple(seen.alternatives),
            refused=verdict.judge(evidence),
            corners=place,
            strip=strip,
        )

    def _turned(self, strip: Pixels, view: View) -> verdict.Turned:
        around = np.asarray(cv2.rotate(strip, cv2.ROTATE_180), np.uint8)
        seen = self._recogniser.read(around, digits=view.digits, decimals=view.decimals)
        return verdict.Turned(seen.confidence, seen.point if view.decimals else None)


def _agreed(one: Outcome, wider: Outcome) -> Outcome:
    """What two looks say alike."""
    surer = max(one.confidence, wider.confidence)
    few = Reason.NO_DISPLAY if len(wider.digits) < LEAST_DIGITS else None
    unsure = Reason.UNSURE if surer < verdict.SURE_PLACE_UNKNOWN else None
    return replace(wider, confidence=surer, refused=few or wider.refused or one.refused or unsure)


def _pointed(seen: Recognition, decimals: int | None) -> bool:
    """The point is where it should be, at the foot of the digits: upside down it would be at their head."""
    return decimals != 0 and "." in seen.text and seen.point > verdict.AT_FOOT


def _widened(place: Corners, outcome: Outcome, width: int) -> Corners:
    """The place with room for one more digit on either side, as far as the picture reaches."""
    lefts = [seen.left for seen in outcome.digits]
    pitch = float(np.median(np.diff(lefts))) if len(lefts) > 1 else outcome.digits[0].right - lefts[0]
    top_left, top_right, bottom_right, bottom_left = place
    across = max(1.0, float(min(top_right[0] - top_left[0], bottom_right[0] - bottom_left[0])))
    left = min(0.0, max(lefts[0] - ROOM * pitch, -float(max(top_left[0], bottom_left[0])) / across))
    beyond = (width - float(min(top_right[0], bottom_right[0]))) / across
    right = max(1.0, min(outcome.digits[-1].right + ROOM * pitch, 1.0 + beyond))
    top, bottom = top_right - top_left, bottom_right - bottom_left
    ends = [top_left + left * top, top_left + right * top, bottom_left + right * bottom, bottom_left + left * bottom]
    return np.array(ends, np.float32)


def _main(outcomes: Sequence[Outcome]) -> Outcome:
    """The one that is believed; of several, the one whose digits are much higher: so meters show the main number."""
    believed = [outcome for outcome in outcomes if outcome.refused is None]
    if not believed:
        return max(outcomes, key=lambda outcome: outcome.confidence)
    first = max(believed, key=_height)
    if any(outcome.text != first.text and HIGHER * _height(outcome) > _height(first) for outcome in believed):
        return replace(first, refused=Reason.SEVERAL)
    return first


def _height(outcome: Outcome) -> float:
    return 0.0 if outcome.corners is None else corners.sides(outcome.corners)[1]
