"""Believes a reading, or names the reason why not: certainty decides, quality explains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ocr.judge.quality import Quality
from ocr.judge.reasons import Reason

#: Below these nothing can be read, however certain the recogniser thinks it is.
DARKEST = 20.0
LEAST_CONTRAST = 8.0
MOST_BURNT = 0.97
LEAST_HEIGHT = 7.0

#: From here on a reading is believed; where the numbers come from: docs/reference/ocr.md, "How sure is sure".
SURE = 0.98
#: Where the place was found two looks must say the same: so sure must one of them be, and each of them.
SURE_PLACE_UNKNOWN = 0.95
EACH_LOOK = 0.5
#: So likely must it be that the display shows as many digits as it should. Print beside the digits looks like more.
COUNTED = 0.02
#: The same where the place was found: what was found may end within the number, or take a neighbour along.
COUNTED_FOUND = 0.1
#: And where the first count was corrected by a second one.
RECOUNTED = 0.5
#: So likely must the point be where it was read.
POINT = 0.6
#: From here on it tells by itself which way is up.
AT_FOOT = 0.9
#: And so likely that there is none, where none is seen: a point of one pixel is easily lost, and a tenth is no reading.
NONE_SEEN = 0.9998
#: A strip that is no surer than this when it is turned says nothing.
TURNED = 0.5
#: A display is upside down when that way is so many times likelier.
TURNED_LIKELIER = 20.0
#: Doubts, and points, smaller than this are compared no further: both ways are as good as certain.
LEAST_DOUBT = 1e-4

#: What a reading that is not certain suffers from.
SMALL = 12.0
DARK = 40.0
BURNT = 0.5
FAINT = 24.0
SOFT = 0.16
UNEVEN = 0.45
REFLECTION = 0.03


@dataclass(frozen=True, slots=True)
class Turned:
    """What the strip says when it is turned by 180 degrees."""

    confidence: float = 0.0
    point: float | None = None  # how likely the point stands where it should be, if there should be one


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about one reading when it is judged."""

    quality: Quality
    digits: int  # seen
    confidence: float
    least: float  # confidence from which it is believed
    wanted: int | None = None  # digits, where their number is known
    counted: float = 1.0  # how likely it is that the display shows so many
    point: float = 1.0  # how likely the point stands where it was read
    point_wanted: float = POINT  # from here on it is believed
    pointed: bool = False  # the decimals are known, whatever the point looks like
    upright: bool = False  # known from elsewhere, as by a profile
    turned: Callable[[], Turned] = Turned  # looks at the same strip turned by 180 degrees


def judge(evidence: Evidence) -> Reason | None:
    """The reason to refuse, or nothing: the reading is believed."""
    if reason := _hopeless(evidence.quality):
        return reason
    if evidence.digits == 0:
        return _explain(evidence.quality) or Reason.COVERED
    sure = evidence.confidence >= evidence.least
    if evidence.counted < COUNTED or evidence.digits != (evidence.wanted or evidence.digits):
        bad = None if sure else _explain(evidence.quality)
        return Reason.DIGIT_COUNT if bad in (None, Reason.HALF_LIT) else bad  # places that are not lit look half-lit
    if not evidence.upright and _upside_down(evidence, evidence.turned()):
        return Reason.UPSIDE_DOWN
    if not sure or (evidence.point < evidence.point_wanted and not evidence.pointed):
        return _explain(evidence.quality) or Reason.UNSURE
    return None


def _upside_down(evidence: Evidence, turned: Turned) -> bool:
    """The turned strip is less doubtful, and shows the point where it should be: the product of both decides."""
    if turned.confidence < TURNED:
        return False
    likelier = _doubt(evidence.confidence) / _doubt(turned.confidence)
    if turned.point is not None:
        likelier *= max(turned.point, LEAST_DOUBT) / max(evidence.point, LEAST_DOUBT)
    return likelier > TURNED_LIKELIER


def _doubt(confidence: float) -> float:
    return max(1 - confidence, LEAST_DOUBT)


def _hopeless(quality: Quality) -> Reason | None:
    if quality.brightest < DARKEST:
        return Reason.TOO_DARK
    if quality.burnt > MOST_BURNT:
        return Reason.OVER_EXPOSED
    if quality.contrast < LEAST_CONTRAST:
        return Reason.COVERED
    if quality.height < LEAST_HEIGHT:
        return Reason.TOO_SMALL
    return None


def _explain(quality: Quality) -> Reason | None:
    """What is most wrong with the picture of a reading that is not certain."""
    found = {
        Reason.TOO_DARK: quality.brightest / DARK,
        Reason.COVERED: quality.contrast / FAINT,
        Reason.TOO_SMALL: quality.height / SMALL,
        Reason.OVER_EXPOSED: BURNT / max(quality.burnt, 1e-6),
        Reason.BLURRED: SOFT / max(quality.edge, 1e-6),
        Reason.HALF_LIT: quality.evenness / UNEVEN,
        Reason.GLARE: REFLECTION / max(quality.burnt, 1e-6),
    }
    # The first of those that are bad at all: the list stands in the order of what explains most.
    return next((reason for reason, ratio in found.items() if ratio < 1), None)
