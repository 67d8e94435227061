"""Says in the reader's language why a picture of a display does not count: what `ocr` and the judge say in English."""

from __future__ import annotations

from collector.web.language import SOURCE, language, marked
from collector.web.said_elsewhere import filled

#: What is wrong with a picture.
PICTURE = (
    marked("The file cannot be opened as a picture."),
    marked("No display is in the picture."),
    marked("It is too dark to see digits; give the display light."),
    marked("The display is over-exposed: take less light or a shorter exposure."),
    marked("Nothing is to be seen where the digits should be: the display is covered or off."),
    marked("The digits are too small: they need 12 pixels of height, 20 are better."),
    marked("The picture is blurred: focus the camera, and keep it still."),
    marked("A reflection lies over the digits: tilt the camera, or shade the glass."),
    marked("A part of the display is much fainter than the rest, or not fully shown."),
    marked("The display is upside down."),
    marked("What surrounds the display no longer fits the profile: camera or meter has moved, or was exchanged."),
    marked("The display shows another number of digits than it should."),
    marked("More than one number is in the picture: tell where to look."),
    marked("At least one digit is not certain."),
)
#: What is wrong with several, or with what was read.
_READING = (
    marked("frames disagree: %(read)s"),
    marked("nothing was seen"),
    marked("was not seen"),
    marked("taken to set the camera up"),
    marked("goes back from %(before)s to %(number)s kWh"),
    marked("goes on from %(number)s kWh, to which it cannot have risen"),
    marked("goes on from %(number)s kWh, to which it cannot have fallen"),
    marked("rises by %(number)s kWh where %(bound)s kWh can be"),
    marked("the last %(number)s readings contradict each other"),
)


def doubt(text: str) -> str:
    """Why it does not count; of several registers each, with what stands before it: its code, or the reason's name."""
    if language().code == SOURCE:
        return text
    return _one(text) or "; ".join(_one(each) or each for each in text.split("; "))


def _one(text: str) -> str:
    before, colon, rest = text.partition(": ")
    found = filled(text, (*PICTURE, *_READING))
    if found or not colon or " " in before:
        return found
    behind = _one(rest)
    return f"{before}: {behind}" if behind else ""
