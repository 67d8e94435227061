"""What comes of one picture: a reading, or the reason why there is none, and all that led to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ocr.corners import Corners
from ocr.judge.reasons import SENTENCES, Reason
from ocr.picture import Pixels


@dataclass(frozen=True, slots=True)
class Seen:
    """One digit: its value, how sure it is, and where it stands, in shares of the strip's width."""

    value: str
    confidence: float
    left: float
    right: float


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """One picture, read or refused; `text` is what was seen, even where it is not believed."""

    text: str | None = None
    confidence: float = 0.0
    digits: tuple[Seen, ...] = ()
    alternatives: tuple[tuple[str, float], ...] = ()
    refused: Reason | None = None
    detail: str = ""
    ms: float = 0.0
    corners: Corners | None = None
    strip: Pixels | None = field(default=None, repr=False)

    @property
    def reading(self) -> float | None:
        """The number, where it is believed."""
        return None if self.refused is not None or not self.text else float(self.text)

    @property
    def why(self) -> str | None:
        """The refusal in a sentence."""
        return None if self.refused is None else self.detail or SENTENCES[self.refused]

    def after(self, ms: float) -> Outcome:
        """The same, with the time that went by before."""
        return replace(self, ms=self.ms + ms)

    def as_json(self, image: str) -> dict[str, Any]:
        """The line that stands for this picture."""
        return {
            "image": image,
            "reading": self.reading,
            "text": self.text,
            "confidence": round(self.confidence, 4),
            "digits": [{"value": seen.value, "confidence": round(seen.confidence, 4)} for seen in self.digits],
            "refused": None if self.refused is None else str(self.refused),
            "why": self.why,
            "alternatives": [{"text": text, "probability": round(share, 4)} for text, share in self.alternatives],
            "corners": None if self.corners is None else [[round(x, 1), round(y, 1)] for x, y in self.corners.tolist()],
            "ms": round(self.ms, 1),
        }
