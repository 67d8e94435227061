"""Looks at one display as its profile says: the number and, where registers come in turn, the code beside it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ocr import calibrate, explain, picture, profile
from ocr.corners import Corners
from ocr.errors import PictureError, ProfileError
from ocr.outcome import Outcome
from ocr.picture import Picture
from ocr.profile import Profile
from ocr.reader import Reader, View
from ocr.service.request import Request
from ocr.service.voting import Seen

#: Bytes from which on a picture is shrunk before it is kept, and to what: a card wears out.
_LARGE, _LONG_SIDE = 400_000, 1600


@dataclass(frozen=True, slots=True, eq=False)
class Display:
    """One display, as one camera sees it. `text`: its profile as it was written."""

    text: str
    profile: Profile

    @classmethod
    def of(cls, text: str | None, file: Path) -> Display:
        """The display of a given profile, else of the kept one; raises ProfileError."""
        if text is None:
            try:
                text = file.read_text(encoding="utf-8")
            except FileNotFoundError:
                hint = "`phaselog camera setup METER` makes one"
                raise ProfileError("it is not known yet where the display is", hint) from None
            except (OSError, UnicodeDecodeError) as error:
                raise ProfileError(f"{file}: {error}") from None
        return cls(text, profile.parse(text))

    def look(self, content: bytes) -> Seen:
        """What one picture says."""
        try:
            opened = picture.decode(content)
        except PictureError as error:
            return Seen(None, 0.0, f"unreadable: {error}")
        outcome = reader().read(opened, View(profile=self.profile))
        refused = None if outcome.refused is None else f"{outcome.refused}: {outcome.why}"
        return Seen(outcome.text, outcome.confidence, refused, _code(opened, self.profile, outcome))


@cache
def reader() -> Reader:
    """Holds the networks, which take longer to load than to use."""
    return Reader()


def _code(opened: Picture, known: Profile, outcome: Outcome) -> str | None:
    """The code beside the number; None where it is not certain, or none is shown."""
    if known.code is None:
        return None
    corners = known.code.corners
    if outcome.corners is not None:  # the camera moved a little, and the code moved with the number
        moved = cv2.getPerspectiveTransform(known.corners, outcome.corners)
        corners = cv2.perspectiveTransform(corners.reshape(4, 1, 2), moved).reshape(4, 2).astype(np.float32)
    seen = reader().read(opened, View(corners, known.code.digits, 0))
    if seen.refused is not None or seen.text is None or len(seen.text) < 3:
        return None
    return f"{seen.text[:-2]}.{seen.text[-2]}.{seen.text[-1]}"


def proposed(content: bytes, request: Request) -> dict[str, Any]:
    """What a person is shown before a profile is kept: how the display would be seen, and what is read of it."""
    opened = picture.decode(content)
    wish = calibrate.Wish(_four(request.corners), request.digits, request.decimals, code=_four(request.code))
    made = calibrate.propose(reader(), opened, wish)
    found = made.profile
    drawn = explain.draw(opened, made.outcome)
    return {
        "profile": None if found is None else profile.to_toml(found),
        "width": opened.width,
        "height": opened.height,
        "corners": None if found is None else [round(side, 1) for side in found.corners.ravel().tolist()],
        "digits": None if found is None else found.digits,
        "decimals": None if found is None else found.decimals,
        "kind": None if found is None else found.kind,
        "colour": None if found is None else found.colour,
        "text": made.outcome.text,
        "code": None if found is None else _code(opened, found, made.outcome),
        "confidence": round(made.outcome.confidence, 4),
        "refused": made.outcome.why,
        "remarks": list(made.remarks),
        "drawing": base64.b64encode(cv2.imencode(".png", drawn)[1].tobytes()).decode(),
    }


def _four(corners: Sequence[float]) -> Corners | None:
    return np.array(corners, np.float32).reshape(4, 2) if len(corners) == 8 else None


def small(content: bytes) -> bytes:
    """The picture as it is kept: large ones are shrunk, and of what is none only the beginning is kept."""
    if len(content) <= _LARGE:
        return content
    try:
        pixels = picture.decode(content).pixels
    except PictureError:
        return content[:_LARGE]
    factor = min(1.0, _LONG_SIDE / max(pixels.shape[:2]))
    shrunk = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", shrunk, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()
