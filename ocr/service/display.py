"""Looks at one display as its profile says: the number and, where registers come in turn, the code beside it."""

from __future__ import annotations

import base64
import tomllib
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
from ocr.service.voting import Seen

_MOST_CODE = 4
#: Bytes from which on a picture is shrunk before it is kept, and to what: a card wears out.
_LARGE, _LONG_SIDE = 400_000, 1600


@dataclass(frozen=True, slots=True, eq=False)
class CodePlace:
    """Where the display shows which register it is: 1.8.0 has 3 digits."""

    corners: Corners
    digits: int


@dataclass(frozen=True, slots=True, eq=False)
class Display:
    """One display, as one camera sees it. `text`: its profile as it was written."""

    text: str
    profile: Profile
    code: CodePlace | None = None

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
        return cls(text, profile.parse(text), _code_place(text))

    def look(self, content: bytes) -> Seen:
        """What one picture says."""
        try:
            opened = picture.decode(content)
        except PictureError as error:
            return Seen(None, 0.0, f"unreadable: {error}")
        outcome = reader().read(opened, View(profile=self.profile))
        refused = None if outcome.refused is None else f"{outcome.refused}: {outcome.why}"
        code = None if self.code is None else self._code(opened, outcome, self.code)
        return Seen(outcome.text, outcome.confidence, refused, code)

    def _code(self, opened: Picture, outcome: Outcome, place: CodePlace) -> str | None:
        """The code beside the number; None where it is not certain."""
        corners = place.corners
        if outcome.corners is not None:  # the camera moved a little, and the code moved with the number
            moved = cv2.getPerspectiveTransform(self.profile.corners, outcome.corners)
            corners = cv2.perspectiveTransform(corners.reshape(4, 1, 2), moved).reshape(4, 2).astype(np.float32)
        seen = reader().read(opened, View(corners, place.digits, 0))
        if seen.refused is not None or seen.text is None or len(seen.text) < 3:
            return None
        return f"{seen.text[:-2]}.{seen.text[-2]}.{seen.text[-1]}"


@cache
def reader() -> Reader:
    """Holds the networks, which take longer to load than to use."""
    return Reader()


def proposed(content: bytes, corners: Sequence[float], digits: int | None, decimals: int | None) -> dict[str, Any]:
    """What a person is shown before a profile is kept: how the display would be seen, and what is read of it."""
    opened = picture.decode(content)
    wanted = np.array(corners, np.float32).reshape(4, 2) if len(corners) == 8 else None
    made = calibrate.propose(reader(), opened, calibrate.Wish(wanted, digits, decimals))
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
        "confidence": round(made.outcome.confidence, 4),
        "refused": made.outcome.why,
        "remarks": list(made.remarks),
        "drawing": base64.b64encode(cv2.imencode(".png", drawn)[1].tobytes()).decode(),
    }


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


def _code_place(text: str) -> CodePlace | None:
    """Table [code] of the profile; raises ProfileError."""
    table = tomllib.loads(text).get("code")
    if table is None:
        return None
    hint = 'write corners = [[x, y], ...] around the code, and digits = 3 for "1.8.0"'
    try:
        corners = np.array(table["corners"], np.float32)
        digits = table["digits"]
    except (TypeError, KeyError, ValueError):
        raise ProfileError("[code]: corners and digits are needed", hint) from None
    if corners.shape != (4, 2) or not np.isfinite(corners).all() or digits not in range(3, _MOST_CODE + 1):
        raise ProfileError("[code]: four corners and 3 or 4 digits are needed", hint)
    return CodePlace(corners, int(digits))
