"""Lists why a reading is refused: a closed list of words for programs, with one sentence each for people."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why there is no reading."""

    UNREADABLE = "unreadable"
    NO_DISPLAY = "no_display"
    TOO_DARK = "too_dark"
    OVER_EXPOSED = "over_exposed"
    COVERED = "covered"
    TOO_SMALL = "too_small"
    BLURRED = "blurred"
    GLARE = "glare"
    HALF_LIT = "half_lit"
    UPSIDE_DOWN = "upside_down"
    MOVED = "moved"
    DIGIT_COUNT = "digit_count"
    SEVERAL = "several"
    UNSURE = "unsure"


SENTENCES: dict[Reason, str] = {
    Reason.UNREADABLE: "The file cannot be opened as a picture.",
    Reason.NO_DISPLAY: "No display is in the picture.",
    Reason.TOO_DARK: "It is too dark to see digits; give the display light.",
    Reason.OVER_EXPOSED: "The display is over-exposed: take less light or a shorter exposure.",
    Reason.COVERED: "Nothing is to be seen where the digits should be: the display is covered or off.",
    Reason.TOO_SMALL: "The digits are too small: they need 12 pixels of height, 20 are better.",
    Reason.BLURRED: "The picture is blurred: focus the camera, and keep it still.",
    Reason.GLARE: "A reflection lies over the digits: tilt the camera, or shade the glass.",
    Reason.HALF_LIT: "A part of the display is much fainter than the rest, or not fully shown.",
    Reason.UPSIDE_DOWN: "The display is upside down.",
    Reason.MOVED: "What surrounds the display no longer fits the profile: camera or meter has moved, or was exchanged.",
    Reason.DIGIT_COUNT: "The display shows another number of digits than it should.",
    Reason.SEVERAL: "More than one number is in the picture: tell where to look.",
    Reason.UNSURE: "At least one digit is not certain.",
}
