"""Makes one reading of several frames: what most of them say, or nothing.

Reflections, half-drawn digits and noise differ from frame to frame, the number does not; where frames contradict each
other nobody knows which one is right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Seen:
    """What one frame (or all of them) says. `text`: digits with the decimal point. `refused`: why it is not believed.

    `code`: the register that the display shows, where it shows several in turn.
    """

    text: str | None
    confidence: float
    refused: str | None = None
    code: str | None = None

    @property
    def believed(self) -> bool:
        """True when there is a reading."""
        return self.refused is None and self.text is not None


def vote(frames: Sequence[Seen]) -> Seen:
    """What the frames of one register say together, in the order in which they were taken."""
    good = [frame for frame in frames if frame.believed]
    if not good or (len(frames) >= 3 and len(good) < 2):
        return _refused(frames)
    (text, count), *_ = Counter(frame.text for frame in good).most_common(1)
    if 2 * count > len(good):
        agreeing = [frame.confidence for frame in good if frame.text == text]
        return replace(good[0], text=text, confidence=sum(agreeing) / len(agreeing))
    if _counted_on(good):
        return good[-1]
    said = ", ".join(dict.fromkeys(str(frame.text) for frame in good))
    return Seen(None, 0.0, f"frames disagree: {said}")


def _refused(frames: Sequence[Seen]) -> Seen:
    reasons = Counter(frame.refused for frame in frames if frame.refused)
    reason = reasons.most_common(1)[0][0] if reasons else "nothing was seen"
    guess = next((frame.text for frame in frames if frame.text), None)
    return Seen(guess, 0.0, reason)


def _counted_on(frames: Sequence[Seen]) -> bool:
    """True where the counter went on by one step while the pictures were taken."""
    steps = [int("".join(filter(str.isdigit, frame.text or ""))) for frame in frames]
    return steps == sorted(steps) and steps[-1] - steps[0] == 1
