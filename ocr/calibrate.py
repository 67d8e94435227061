"""Proposes a profile from one picture: where the display is, how many digits it has, how it shines."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ocr import split
from ocr.corners import Corners
from ocr.outcome import Outcome
from ocr.picture import Picture, Pixels
from ocr.profile import CodePlace, Kind, Leading, Profile
from ocr.reader import Reader, View
from ocr.straighten import align

#: Names of hues, on OpenCV's circle of 180.
HUES = (
    (8, "red"),
    (22, "orange"),
    (35, "yellow"),
    (85, "green"),
    (100, "cyan"),
    (130, "blue"),
    (165, "violet"),
    (181, "red"),
)
GREY_BELOW = 60
BLACK_BELOW = 70


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person knows better than the proposal."""

    corners: Corners | None = None
    digits: int | None = None
    decimals: int | None = None
    leading: Leading | None = None
    code: Corners | None = None  # where the display says which register it shows


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """A profile, how the picture that it was made from is read with it, and what a person should look at."""

    profile: Profile | None
    outcome: Outcome
    remarks: tuple[str, ...] = ()


def propose(reader: Reader, picture: Picture, wish: Wish | None = None) -> Proposal:
    """The profile that fits this picture; none where no display is found."""
    wish = wish or Wish()
    first = reader.read(picture, View(wish.corners, wish.digits, wish.decimals))
    corners = wish.corners if wish.corners is not None else first.corners
    digits = wish.digits or len(first.digits)
    if corners is None or first.strip is None or digits == 0:
        return Proposal(None, first, ("no display was found: give its corners",))
    decimals = _decimals(first.text) if wish.decimals is None else wish.decimals
    if decimals >= digits:
        return Proposal(None, first, ("fewer digits than decimals were seen: give --digits and --decimals",))
    kind, colour = _light(first.strip)
    profile = Profile(
        width=picture.width,
        height=picture.height,
        corners=corners,
        digits=digits,
        decimals=decimals,
        leading=wish.leading or _leading(first),
        kind=kind,
        colour=colour,
        surroundings=align.remember(picture, corners),
        code=None if wish.code is None else CodePlace(wish.code),
    )
    outcome = replace(reader.read(picture, View(profile=profile)), ms=first.ms)
    return Proposal(profile, outcome, tuple(_remarks(profile, outcome)))


def _decimals(text: str | None) -> int:
    _, _, behind = (text or "").partition(".")
    return len(behind)


def _leading(outcome: Outcome) -> Leading:
    """Room for a further digit on the left is a place that is not lit now."""
    first = outcome.digits[0]
    wide = float(np.median([seen.right - seen.left for seen in outcome.digits]))
    return "blanks" if first.value != "0" and first.left > 1.3 * wide else "zeros"


def _light(strip: Pixels) -> tuple[Kind, str]:
    """Bright digits on black shine by themselves: LED. The colour is that of what is bright."""
    ink = split.ink(strip)
    digits, ground = ink.mask > 0, ink.mask == 0
    if not digits.any() or not ground.any():
        return "LCD", "grey"
    hue, saturation, value = cv2.split(cv2.cvtColor(strip, cv2.COLOR_BGR2HSV))
    bright = digits if ink.bright else ground
    kind: Kind = "LED" if ink.bright and float(np.median(value[ground])) < BLACK_BELOW else "LCD"
    if float(np.median(saturation[bright])) < GREY_BELOW:
        return kind, "white" if float(np.median(value[bright])) > 200 else "grey"
    middle = float(np.median(hue[bright]))
    return kind, next(name for end, name in HUES if middle < end)


def _remarks(profile: Profile, outcome: Outcome) -> list[str]:
    remarks = []
    if outcome.refused is not None:
        remarks.append(f"this picture is refused with it: {outcome.why}")
    if profile.surroundings is None:
        remarks.append("nothing surrounds the display: a camera that moves will not be noticed; show more of the meter")
    if profile.decimals == 0:
        remarks.append("no point was seen: give --decimals where there is one")
    return remarks
